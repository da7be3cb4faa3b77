// The settings of the DNS server. Called once, at start or reload.
#pragma once

#include "cli/server_options.h"
#include "cli/setting_resolver.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {

// Those whose values are not plain texts or numbers in the file.
void ReadDnsSettings(model::FieldReader& reader, ServerSettings* settings);

void TakeDnsSettings(SettingResolver& resolver, ServerOptions* options);

}  // namespace rollcall::cli
