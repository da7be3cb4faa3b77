#include "api/acl/bootstrap_handler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "api/access/guard.h"
#include "api/acl/acl_change.h"
#include "api/reply.h"
#include "registry/acl/objects/answers.h"
#include "registry/acl/objects/drafts.h"
#include "registry/acl/objects/stored.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using nlohmann::ordered_json;

constexpr std::string_view kBootstrapId = "bootstrap";

std::filesystem::path ResetPath(const BootstrapReset& reset) {
  return std::filesystem::path(reset.data_dir) / kBootstrapResetFile;
}

// A number and blanks around it; nothing for whatever else is there.
std::optional<Index> ReadResetIndex(const BootstrapReset& reset) {
  if (reset.data_dir.empty()) return {};
  std::ifstream file(ResetPath(reset));
  char bytes[64];
  file.read(bytes, sizeof bytes);
  std::string_view text(bytes, static_cast<size_t>(file.gcount()));
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  uint64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index == 0) return {};
  return Index(index);
}

// A file that says nothing, because it cannot be read or holds more than the number, would have who
// wrote it look for the mistake elsewhere. Whoever asks is not told that there is one.
void WarnOfUselessFile(const BootstrapReset& reset, Index expected) {
  std::error_code error;
  if (reset.data_dir.empty() || !std::filesystem::exists(ResetPath(reset), error)) return;
  spdlog::warn(
      "{} allows nothing: a file is expected that this server may read, with the number {} "
      "and nothing else in it",
      ResetPath(reset).string(), expected.value());
}

void RemoveResetFile(const BootstrapReset& reset) {
  std::error_code error;
  std::filesystem::remove(ResetPath(reset), error);
  if (error) spdlog::warn("cannot remove {}: {}", ResetPath(reset).string(), error.message());
}

// What to do where there is no data directory to write a file to.
std::string WithoutDataDirectory(ApiWorker& worker) {
  if (!worker.shared().bootstrap_reset.data_dir.empty()) return "";
  return worker.catalog().is_shared()
             ? "; there is no reset by a file where servers share a store: see \"Bootstrap\" "
               "in docs/http-api.md"
             : "; this server keeps nothing on disk, a restart forgets everything";
}

Error BootstrapRefused(const std::string& why) {
  return {ErrorCode::kPermissionDenied, PermissionDenied().message + ": " + why};
}

// `done`: the record of the bootstrap before.
Result<void> CheckReset(ApiWorker& worker, const model::AclObject& done) {
  const std::string expected = "reset index: " + std::to_string(done.modify_index.value());
  const std::optional<Index> given = ReadResetIndex(worker.shared().bootstrap_reset);
  if (!given) {
    WarnOfUselessFile(worker.shared().bootstrap_reset, done.modify_index);
    return BootstrapRefused("ACL bootstrap no longer allowed (" + expected + ")" +
                            WithoutDataDirectory(worker));
  }
  if (*given != done.modify_index) {
    return BootstrapRefused("Invalid bootstrap reset index (specified " +
                            std::to_string(given->value()) + ", " + expected + ")");
  }
  return {};
}

// Another one each time, so that its index moves.
model::AclObject BootstrapRecord(const acl::Token& token) {
  model::AclObject record;
  record.kind = model::AclKind::kBootstrap;
  record.id = kBootstrapId;
  record.content = model::Dump({{"V", 1}, {"AccessorID", token.accessor_id}});
  return record;
}

http::Response BootstrapAnswer(const acl::TokenAndSecret& made, const Directory& directory,
                               Index at) {
  const acl::Indexes indexes =
      IndexesOf(directory.tokens().Find(made.token.accessor_id), made.token, at);
  ordered_json json = {{"ID", made.secret}};
  json.update(TokenJson(made.token, made.secret, indexes, NamesIn(directory)));
  return http::JsonResponse(Render(json));
}

Result<AclDraft> BootstrapDraft(ApiWorker& worker, const Directory& directory,
                                const Snapshot& snapshot) {
  const model::AclObject* const done = snapshot.FindAcl(model::AclKind::kBootstrap, kBootstrapId);
  if (done != nullptr) {
    if (const Result<void> ok = CheckReset(worker, *done); !ok) return ok.error();
  }
  const UtcTime now = worker.shared().access.now();
  Result<acl::TokenAndSecret> made = acl::NewToken({}, {}, now);
  if (!made) return made.error();
  made->token.description = "Bootstrap Token (Global Management)";
  made->token.policy_ids = {std::string(acl::kGlobalManagementId)};
  AclDraft draft;
  draft.put = {WriteToken(made->token), BootstrapRecord(made->token)};
  // As a Consul server has them from its first start.
  const auto* const anonymous = directory.tokens().Find(acl::kAnonymousTokenId);
  if (anonymous == nullptr || anonymous->record == nullptr) {
    draft.put.push_back(WriteToken(acl::AnonymousToken(now)));
  }
  const auto* const management = directory.policies().Find(acl::kGlobalManagementId);
  if (management == nullptr || management->record == nullptr) {
    draft.put.push_back(WritePolicy(acl::GlobalManagementPolicy()));
  }
  draft.answer = [&worker, was_reset = done != nullptr, made = *std::move(made)](
                     const Directory& there, Index at) {
    if (was_reset) RemoveResetFile(worker.shared().bootstrap_reset);
    spdlog::warn("access control was bootstrapped{}: the token {} may do everything",
                 was_reset ? " once more" : "", made.token.accessor_id);
    return BootstrapAnswer(made, there, at);
  };
  return draft;
}

}  // namespace

bool IsBootstrapped(const Snapshot& snapshot) {
  return snapshot.FindAcl(model::AclKind::kBootstrap, kBootstrapId) != nullptr;
}

http::Handler BootstrapHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<http::Exchange>& exchange) {
    // It needs no token: what is refused anyway takes no turn from those who change something.
    const model::AclObject* const done =
        worker.Snapshot()->FindAcl(model::AclKind::kBootstrap, kBootstrapId);
    if (done != nullptr) {
      if (const Result<void> ok = CheckReset(worker, *done); !ok) {
        return exchange->Respond(ErrorResponse(ok.error()));
      }
    }
    ChangeAccess(worker, exchange, nullptr,
                 [&worker](const Directory& directory, const Snapshot& snapshot) {
                   return BootstrapDraft(worker, directory, snapshot);
                 });
  };
}

}  // namespace rollcall::api
