#include "api/server_card.h"

#include <nlohmann/json.hpp>

namespace rollcall::api {
namespace {

std::string TextIn(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

}  // namespace

std::string ServerCard::ToText() const {
  nlohmann::json object = {{"Node", node}, {"HTTP", http}, {"Version", version}};
  if (https) object["HTTPS"] = true;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ServerCard ServerCard::Parse(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return {};
  return {TextIn(object, "Node"), TextIn(object, "HTTP"), TextIn(object, "Version"),
          object.value("HTTPS", nlohmann::json()) == true};
}

}  // namespace rollcall::api
