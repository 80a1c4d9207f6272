"""scim2-tester: every check that it has, on every resource type that the server says it has.

What it finds wrong fails, but for the checks below, in which it asks what the RFCs do not.
"""

import os
import sys
import time

from httpx2 import Client, HTTPTransport
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


class Patient(HTTPTransport):
    """Waits when it is asked to (RFC 6585 section 4): the tester writes faster than one client may."""

    def handle_request(self, request):
        while True:
            response = super().handle_request(request)
            if response.status_code != 429:
                return response
            response.close()
            time.sleep(float(response.headers["Retry-After"]))


def without_display(value):
    if isinstance(value, list):
        return [without_display(one) for one in value]
    return {name: part for name, part in value.model_dump().items() if name != "display"}


def excluded(result):
    """Why a failed check does not count; None when it does."""
    data = result.data if isinstance(result.data, dict) else {}
    check, urn = (result.title, data.get("urn"))
    actual = data.get("actual", data.get("modify_actual"))
    if check == "check_remove_attribute" and urn == "active" and actual is not None:
        # What `active` means is the service provider's to define, its default too: nobody may be reactivated, nor
        # left in between, by what a client leaves out.
        return "RFC 7643 section 4.1.1"
    if check != "check_remove_attribute" and result.resource_type == "Agent" and urn == "active" and actual is False:
        # "the server is free to alter and/or ignore POSTed content": true lifts no suspension.
        return "RFC 7644 section 3.3"
    if urn in ("members", "owners", "parent") and data.get("expected") and actual:
        # The tester makes up a `display`, or sends none. It is a name "primarily used for display purposes": the server
        # shows the one that the member has, and the rest must be what was sent.
        if without_display(data["expected"]) == without_display(actual):
            return "RFC 7643 section 2.4"
    if urn == "urn:deputy:scim:schemas:extension:2.0:Agent" and "read-only" in (result.reason or ""):
        # The tester takes an extension for writable without a look at its attributes, which all are read-only; a PATCH
        # of those must be refused.
        return "RFC 7644 section 3.5.2"
    return None


headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
http = Client(base_url=os.environ["BASE"], headers=headers, transport=Patient(), timeout=60)
# Read from the server, as `scim2 test` of scim2-cli does.
client = SyncSCIMClient(http)
client.discover()
wrong, passed, left_out = [], {}, 0
for result in check_server(client):
    if result.status in (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE):
        passed[result.resource_type] = passed.get(result.resource_type, 0) + 1
    elif (why := excluded(result)) is not None:
        left_out += 1
        print(f"left out: {result.resource_type} {result.title}: {why}")
    else:
        wrong.append(f"{result.status.name} {result.resource_type} {result.title}: {result.reason}")
print(f"passed: {sum(passed.values())}, left out: {left_out}")
for one in wrong:
    print(one, file=sys.stderr)
missing = {"User", "Group", "Agent"} - passed.keys()
sys.exit(1 if wrong or missing else 0)
