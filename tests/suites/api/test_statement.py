"""The service by requests."""

import requests

SITE = "https://api.tastselv.test"


def test_statement_has_a_document():
    with requests.Session() as session:
        answer = session.post(f"{SITE}/log-paa", data={"cpr": "010145-5001"}, timeout=30)
        statement = session.get(answer.json()["aarsopgoerelse"], timeout=30).json()
        assert statement["beloeb"] == 3412
        document = session.get(statement["dokument"], timeout=30)
        assert "Overskydende skat: 3.412 kr." in document.text
