// The settings of access control by tokens, in Consul's words. Called at start and at each reload.
// Plain values.
#pragma once

#include "cli/setting_resolver.h"
#include "registry/access/bearer_cache.h"
#include "registry/base/result.h"

namespace rollcall::model {
class FieldReader;
}

namespace rollcall::cli {

// Takes --acl, --acl-default-policy and what the file says under "acl".
void TakeAccessSettings(SettingResolver& resolver, ServerOptions* options);
// Whether together they make sense. Errors are kInvalidArgument, one line.
Result<void> CheckAccessSettings(const ServerOptions& options);

// {"acl": {"enabled": ..., "default_policy": ..., "tokens": {"default": ..., "dns": ...}}}.
// What of it concerns agents alone is taken and means nothing here.
void ReadConsulAcl(model::FieldReader& reader, ServerSettings* settings);

// Reports damaged records to the log.
acl::BearerCache::Options BearerOptionsOf(const ServerOptions& options);

}  // namespace rollcall::cli
