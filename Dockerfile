# One image for web, worker and beat; docker-compose.yml says which command each one runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN apt-get update \
 && apt-get install --yes --no-install-recommends gettext \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 novarium \
 && install --directory --owner novarium --group novarium /srv/novarium /var/lib/novarium

WORKDIR /srv/novarium
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --no-deps --requirement requirements.lock
# Packages of optional ways, such as "confluent-kafka duckdb"; pyproject.toml says which versions fit.
ARG EXTRAS=
RUN [ -z "$EXTRAS" ] || pip install --no-cache-dir --constraint requirements.lock $EXTRAS

COPY --chown=novarium:novarium . .
USER novarium

# Building translations and static files needs settings, but neither servers nor secrets.
RUN SECRET_KEY=build DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost \
    sh -c "python manage.py messages --compile && python manage.py collectstatic --noinput"

VOLUME /var/lib/novarium
EXPOSE 8000
