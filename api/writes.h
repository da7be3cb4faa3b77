// How handlers hand a command to the catalog: the answer is given on the worker's thread, once the
// command is durable. Called on the worker's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "registry/access/bearer.h"
#include "registry/model/command.h"

namespace rollcall::api {

// Whether the bearer may write this (api/access/write_rights.h), as far as access is controlled: on
// `snapshot`, or the current one.
Result<void> CheckWrite(ApiWorker& worker, const acl::Bearer& bearer,
                        const catalog::Snapshot& snapshot, const model::Command& command);
Result<void> CheckWrite(ApiWorker& worker, const acl::Bearer& bearer,
                        const model::Command& command);

// By the rights of the bearer (SubmitAs, api/access/guarded_write.h). `answer` makes the response
// to a command that was carried out; an error has its own.
void SubmitAndAnswer(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                     const acl::Bearer& bearer, model::Command command,
                     std::function<http::Response()> answer);

// What the answer to a write says of it to those who watch answers.
http::Change ChangeOf(const catalog::Written& written);
// The same of a request that makes several writes: `all` becomes what they have done together.
void AddChange(const catalog::Written& written, std::optional<http::Change>* all);

// Of Catalog::HeartbeatResult::kNotNow.
Error HeartbeatsNotAccepted();

}  // namespace rollcall::api
