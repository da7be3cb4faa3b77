// The audit log of a server, as its settings say. Called by the main thread.
#pragma once

#include <memory>

#include "api/audit/audit_log.h"
#include "cli/server_options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// Null: it is off. An error where nothing can be written now.
Result<std::unique_ptr<api::AuditLog>> OpenAuditLog(const AuditTarget& target);

}  // namespace rollcall::cli
