// The settings of how many requests clients and tokens may make. Called at start and at each
// reload. Plain values.
#pragma once

#include "cli/server_options.h"
#include "cli/setting_resolver.h"

namespace rollcall::model {
class FieldReader;
}

namespace rollcall::cli {

// Takes all of --limit-...
void TakeRequestLimits(SettingResolver& resolver, ServerOptions* options);

// The keys of these in a file, each a number or a text ("100:500"), and what of Consul's
// {"limits": {...}} means the same here: http_max_conns_per_client, and of request_limits the mode
// and the rates, which are those of all clients together.
void ReadLimitSettings(model::FieldReader& reader, ServerSettings* settings);

}  // namespace rollcall::cli
