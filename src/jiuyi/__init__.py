"""Jiuyi (就医): the patient-service platform of a regional hospital group."""
