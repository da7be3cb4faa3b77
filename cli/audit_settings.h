// The settings of the audit log. Called at start and at each reload. Plain values.
#pragma once

#include "cli/server_options.h"
#include "cli/setting_resolver.h"

namespace rollcall::model {
class FieldReader;
}

namespace rollcall::cli {

// Takes all of --audit-...
void TakeAuditSettings(SettingResolver& resolver, ServerOptions* options);

// Consul's {"audit": {"enabled": true, "sink": {"name": {"type": "file", "path": ...}}}}.
void ReadConsulAudit(model::FieldReader& reader, ServerSettings* settings);

}  // namespace rollcall::cli
