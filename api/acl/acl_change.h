// How handlers change tokens, policies and roles: they look at what there is, say what is to become
// of it, and do so again when somebody else was faster. One change after another within a server
// (turnstile.h). Worker's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "api/http/response.h"
#include "registry/access/bearer.h"
#include "registry/access/directory.h"
#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::api {

struct AclDraft {
  std::vector<model::AclObject> put;
  std::vector<std::pair<model::AclKind, Text>> remove;
  // False: once this change is durable the objects are looked at again, and `answer` is not asked.
  // Each such change has to bring the last one nearer.
  bool is_last = true;
  // The response, once the change is durable. `directory` has it, or is newer; `at` is its index.
  std::function<http::Response(const acl::Directory& directory, Index at)> answer;
};

// Called on the worker's thread, once for each time that the objects have to be looked at. An error
// is the request's answer.
using MakeAclDraft = std::function<Result<AclDraft>(const acl::Directory& directory,
                                                    const catalog::Snapshot& snapshot)>;

// How often a change is tried while other servers change access control as well.
inline constexpr int kMaxAclAttempts = 16;

// `bearer` null: nobody is asked for rights. Else he needs acl:write as it is when the change is
// made. An error of `make` is told once it is sure that it looked at all that any server had
// acknowledged. kConflict after kMaxAclAttempts.
void ChangeAccess(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                  acl::BearerPtr bearer, MakeAclDraft make);

// Of an object that has been written: as the catalog has it, else both `at`.
template <typename T>
acl::Indexes IndexesOf(const acl::Kept<T>* kept, const T& written, Index at) {
  return kept != nullptr && kept->object == written ? kept->indexes() : acl::Indexes{at, at};
}

// The names of policies and roles; valid as long as the directory stays at its snapshot.
acl::NameOfObject NamesIn(const acl::Directory& directory);

}  // namespace rollcall::api
