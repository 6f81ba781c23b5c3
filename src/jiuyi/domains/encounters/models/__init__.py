"""Tables of the visits, a file for each concern."""

from jiuyi.domains.encounters.models.orders import MedicationRequest, ServiceRequest
from jiuyi.domains.encounters.models.reference import DiagnosisCode, LoadedList, Orderable, Substance
from jiuyi.domains.encounters.models.safety import AllergyAssessment, AllergyIntolerance, PersonFlag
from jiuyi.domains.encounters.models.visits import ClinicalNote, Condition, Encounter, SigningKey

__all__ = [
    "AllergyAssessment",
    "AllergyIntolerance",
    "ClinicalNote",
    "Condition",
    "DiagnosisCode",
    "Encounter",
    "LoadedList",
    "MedicationRequest",
    "Orderable",
    "PersonFlag",
    "ServiceRequest",
    "SigningKey",
    "Substance",
]
