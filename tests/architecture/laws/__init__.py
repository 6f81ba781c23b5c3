"""The laws that an import graph cannot see."""

from tests.architecture.laws.data import (
    foreign_keys_by_label,
    ids_are_made_in_one_place,
    now_is_an_argument,
    refusals_carry_their_data,
    sql_is_constant,
    tables_are_private,
)
from tests.architecture.laws.doors import (
    actions_say_who_and_when,
    desks_hold_no_decision,
    documented_doors,
    no_signals_of_our_own,
    opened_records_know_the_actor,
    queries_return_values,
    rooms_are_entered_at_the_front,
)
from tests.architecture.laws.files import departments_start_empty, files_parse, foundation_knows_no_medicine, no_vague_names, short_files

LAWS = (
    files_parse,
    no_vague_names,
    short_files,
    departments_start_empty,
    documented_doors,
    rooms_are_entered_at_the_front,
    actions_say_who_and_when,
    opened_records_know_the_actor,
    queries_return_values,
    now_is_an_argument,
    ids_are_made_in_one_place,
    tables_are_private,
    sql_is_constant,
    no_signals_of_our_own,
    desks_hold_no_decision,
    foundation_knows_no_medicine,
    foreign_keys_by_label,
    refusals_carry_their_data,
)
