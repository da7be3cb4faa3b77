// The settings of HTTPS: where it is served, with which files, and to whom. Called at start and at
// each reload. Plain values.
#pragma once

#include "api/http/tls_files.h"
#include "cli/setting_resolver.h"
#include "registry/base/result.h"

namespace rollcall::model {
class FieldReader;
}

namespace rollcall::cli {

// Takes --https and all of --tls-..., and --http, which may be off.
void TakeHttpSettings(SettingResolver& resolver, ServerOptions* options);
// Whether together they make sense, with the store. Errors are kInvalidArgument, one line.
Result<void> CheckHttpSettings(const ServerOptions& options);

// Whether the other servers of a shared store reach this one over TLS: plain HTTP is off, or on
// this host's loopback alone, where they are not.
bool OthersComeByHttps(const ServerOptions& options);

// Consul's {"tls": {"defaults": {"cert_file": ...}}}, and the keys that it had before.
void ReadConsulTls(model::FieldReader& reader, ServerSettings* settings);

http::TlsFiles TlsFilesOf(const ServerOptions& options);

}  // namespace rollcall::cli
