"""The administrator's, the security officer's and the auditor's desk: three people, three sets of pages."""
