# SPDX-License-Identifier: MIT
"""A reading as a message has it, told by json alone; for the other programs here."""
import datetime
import fractions
import json

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
US = datetime.timedelta(microseconds=1)


def micros(text):
    return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // US


def reading(line):
    """Time, type, name and value; None where it is malformed."""
    try:
        r = json.loads(line)
        t, value = micros(r["time"]), r["value"]
        if not isinstance(r["type"], str) or not isinstance(r["name"], str):
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return t, r["type"], r["name"], fractions.Fraction(float(value))
    except (ValueError, KeyError, TypeError):
        return None
