"""Triggers: decisions, adoptions, archive entries and their notes are only ever added."""

from django.db import migrations

FUNCTION = """
create function warehouse.refuse_change_of_archive() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' or (to_jsonb(old) - coalesce(tg_argv, '{}')) is distinct from (to_jsonb(new) - coalesce(tg_argv, '{}')) then
        raise exception '% rows are kept for good and never change', tg_table_name
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger decision_is_history before update or delete on experiment.analytics_decision
    for each row execute function warehouse.refuse_change_of_archive('decided_by_id');
create trigger adoption_is_history before update or delete on experiment.analytics_adoption
    for each row execute function warehouse.refuse_change_of_archive();
create trigger archive_entry_is_history before update or delete on warehouse.analytics_archiveentry
    for each row execute function warehouse.refuse_change_of_archive();
create trigger learning_note_is_history before update or delete on warehouse.analytics_learningnote
    for each row execute function warehouse.refuse_change_of_archive('author_id');
"""

UNDO = """
drop trigger learning_note_is_history on warehouse.analytics_learningnote;
drop trigger archive_entry_is_history on warehouse.analytics_archiveentry;
drop trigger adoption_is_history on experiment.analytics_adoption;
drop trigger decision_is_history on experiment.analytics_decision;
drop function warehouse.refuse_change_of_archive();
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_decisions_archive_marts")]

    operations = [migrations.RunSQL(FUNCTION, UNDO)]
