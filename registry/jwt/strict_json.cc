#include "registry/jwt/strict_json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

// Goes through a text without building anything of it, up to what must not be there.
class StrictnessCheck final : public nlohmann::json_sax<nlohmann::json> {
 public:
  const std::string& problem() const { return problem_; }

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(int64_t /*value*/) override { return true; }
  bool number_unsigned(uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(nlohmann::json::binary_t& /*value*/) override { return true; }

  bool start_object(size_t /*size*/) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(size_t /*size*/) override { return Enter(); }
  bool end_array() override { return Leave(); }

  bool key(std::string& name) override {
    if (names_.back().insert(name).second) return true;
    return Fail("has the member " + Shown(name) + " twice");
  }

  bool parse_error(size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return Fail("is not JSON, at byte " + std::to_string(position));
  }

 private:
  bool Fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool Enter() {
    if (names_.size() == kMaxJsonDepth) {
      return Fail("is nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
    }
    names_.emplace_back();
    return true;
  }

  bool Leave() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;  // of each level's members so far
  std::string problem_;
};

}  // namespace

Result<nlohmann::json> ParseStrictObject(std::string_view text, std::string_view what) {
  StrictnessCheck check;
  if (!nlohmann::json::sax_parse(text, &check)) {
    return InvalidArgument(std::string(what) + ' ' + check.problem());
  }
  nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return InvalidArgument(std::string(what) + " is not a JSON object");
  return document;
}

}  // namespace rollcall::jwt
