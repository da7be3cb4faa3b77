// GET agent/service/:id: one instance with a hash of what it says. Any thread.
#pragma once

#include <string>

#include "api/http/request.h"
#include "api/http/response.h"
#include "registry/model/records.h"

namespace rollcall::api {

// The same for the same content in every process, so that a client's hash outlives a restart.
std::string ContentHash(const model::Instance& instance);

// `instance` null: 404, there is no such one.
http::Response ServiceAnswer(const http::Request& request, const model::Instance* instance);

}  // namespace rollcall::api
