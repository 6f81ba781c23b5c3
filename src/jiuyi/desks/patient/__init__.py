"""The patient's pages: one question per page, on the phone, in two modes, without JavaScript if need be."""
