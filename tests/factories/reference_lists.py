"""What can be ordered, and two diagnoses: the long list of diagnoses takes seconds."""

from jiuyi.domains.encounters.actions import codes
from jiuyi.domains.encounters.models import DiagnosisCode


def load_short_lists() -> None:
    """Substances and orderables as shipped, and two diagnoses."""
    codes._load(codes.SUBSTANCES, codes._load_substances)
    codes._load(codes.ORDERABLES, codes._load_orderables)
    for code, name in (("I10.x00", "高血压"), ("J06.900", "急性上呼吸道感染")):
        DiagnosisCode.objects.get_or_create(code=code, defaults={"name": name, "initials": "", "searchable": name, "grams": []})
