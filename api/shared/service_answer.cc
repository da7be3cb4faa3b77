#include "api/shared/service_answer.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/shared/agent_json.h"
#include "api/shared/error_response.h"
#include "registry/base/printable.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

// FNV-1a, 64 bits.
std::string HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return {digits.data(), end};
}

}  // namespace

std::string ContentHash(const model::Instance& instance) {
  return HashOf(model::Dump(model::AgentServiceJson(instance)));
}

http::Response ServiceAnswer(const http::Request& request, const model::Instance* instance) {
  if (instance == nullptr) {
    const std::string id(request.PathParameter("id"));
    return ErrorResponse(NotFound("unknown service ID: " + Printable(id)));
  }
  nlohmann::ordered_json service = model::AgentServiceJson(*instance);
  const std::string hash = HashOf(model::Dump(service));
  service["ContentHash"] = hash;
  http::Response response = JsonAnswer(request, service);
  response.AddHeader("X-Consul-ContentHash", hash);
  return response;
}

}  // namespace rollcall::api
