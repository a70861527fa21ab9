"""The wanted properties as files, for portals whose admins rather call the API themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence

from csconnect.connectors.protocols import WantedField
from csconnect_hubspot.provision import GROUP, GROUP_LABEL, property_body

README = """# HubSpot properties for csconnect

One file an object. `group.json` is the body of the call that makes the property group, `<object>.json` the body of the
call that makes all its properties:

    POST /crm/properties/{version}/<object>/groups          with group.json
    POST /crm/properties/{version}/<object>/batch/create    with <object>.json

Both need a key with the scope `crm.schemas.<object>.write`, for tasks `crm.objects.contacts.write`.
`csconnect provision --apply` does the same, leaves alone what is
there already, and can be repeated. `hasUniqueValue` cannot be changed later: make `csc_key` exactly as it stands here.
"""

UNINSTALL = """# Taking csconnect's properties out again

1. Stop the job that runs csconnect, and remove the connection's `write_back`.
2. Withdraw what csconnect created: `csconnect undo` closes its deals and tasks; records are never deleted.
3. In HubSpot, Settings > Properties, archive these properties. Their values go with them; export first if you want them.

{listed}
4. Archive the property group "{group}" of each object, and revoke the service key.
"""


def export_files(wanted: Sequence[WantedField], language: str, version: str) -> dict[str, str]:
    """Relative path -> text: JSON bodies by object, README and UNINSTALL."""
    objects = sorted({field.object for field in wanted})
    files = {
        f"properties/{object}.json": _json(
            {"inputs": [property_body(field, language) for field in wanted if field.object == object]}
        )
        for object in objects
    }
    listed = "".join(f"   - {field.object}: `{field.name}`\n" for field in wanted)
    return {
        **files,
        "properties/group.json": _json({"name": GROUP, "label": GROUP_LABEL}),
        "README.md": README.format(version=version),
        "UNINSTALL.md": UNINSTALL.format(listed=listed, group=GROUP_LABEL),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
