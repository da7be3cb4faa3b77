#include "registry/model/json_fields.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/base/go_duration.h"
#include "registry/model/json.h"

namespace rollcall::model {
namespace {

using nlohmann::json;

// Deeper than any body of the API, shallow enough for the stack of any thread.
constexpr int kMaxDepth = 64;

// What an error calls a value's type.
std::string_view TypeName(const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    case json::value_t::null:
      return "null";
    case json::value_t::discarded:
      return "nothing";
    default:
      return "a number";
  }
}

std::string Expected(std::string_view wanted, const json& value) {
  return "expected " + std::string(wanted) + ", found " + std::string(TypeName(value));
}

bool SameName(std::string_view key, std::string_view name, KeyStyle style) {
  if (style == KeyStyle::kCamelCase) return EqualsIgnoreCase(key, name);
  std::string bare;
  std::remove_copy(key.begin(), key.end(), std::back_inserter(bare), '_');
  return EqualsIgnoreCase(bare, name);
}

// `List`: of strings or of texts.
template <typename List>
Result<void> ReadTexts(const json& value, const std::string& path, List* out) {
  if (!value.is_array()) {
    return InvalidArgument(path + ": " + Expected("an array of strings", value));
  }
  std::vector<typename List::value_type> list;
  list.reserve(value.size());
  for (const json& element : value) {
    if (!element.is_string()) {
      return InvalidArgument(path + ": " + Expected("an array of strings", element) + " in it");
    }
    list.emplace_back(element.get_ref<const std::string&>());
  }
  *out = std::move(list);
  return {};
}

// Counts nesting and stops at kMaxDepth, before the parser's own recursion could go deep.
bool TooDeep(std::string_view body) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// Looks for members of one name in one object while the library reads.
class RepeatFinder {
 public:
  const std::optional<std::string>& repeated() const { return repeated_; }

  bool operator()(int /*depth*/, json::parse_event_t event, const json& parsed) {
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end) open_.pop_back();
    if (event == json::parse_event_t::key && !repeated_) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!open_.back().insert(name).second) repeated_ = name;
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> open_;  // the names in each object that has not ended
  std::optional<std::string> repeated_;
};

}  // namespace

FieldReader::FieldReader(const json& object, std::string path, KeyStyle style)
    : object_(object), path_(std::move(path)), style_(style) {
  if (!object_.is_object()) {
    error_ = InvalidArgument((path_.empty() ? "" : path_ + ": ") + Expected("an object", object_));
  }
}

std::string FieldReader::PathOf(std::string_view name) const {
  const std::string_view key = found_.empty() ? name : std::string_view(found_);
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const json* FieldReader::Take(std::string_view name) {
  if (!object_.is_object()) return nullptr;
  const json* found = nullptr;
  std::string_view first;
  found_.clear();
  for (const auto& [key, value] : object_.items()) {
    if (!SameName(key, name, style_)) continue;
    if (repeats_ == Repeats::kRefused && !first.empty() && !error_) {
      error_ = InvalidArgument((path_.empty() ? "" : path_ + ": ") + Quoted(first) + " and " +
                               Quoted(key) + " are the same field: leave one out");
    }
    first = key;
    taken_.insert(key);
    if (value.is_null()) continue;
    found = &value;
    found_ = key;
  }
  return found;
}

void FieldReader::Fail(std::string_view name, std::string what) {
  if (!error_) error_ = InvalidArgument(PathOf(name) + ": " + std::move(what));
}

const std::string* FieldReader::TakeString(std::string_view name) {
  const json* value = Take(name);
  if (value == nullptr) return nullptr;
  if (!value->is_string()) return Fail(name, Expected("a string", *value)), nullptr;
  return &value->get_ref<const std::string&>();
}

FieldReader& FieldReader::Read(std::string_view name, std::string* out) {
  if (const std::string* text = TakeString(name)) *out = *text;
  return *this;
}

FieldReader& FieldReader::Read(std::string_view name, Text* out) {
  if (const std::string* text = TakeString(name)) *out = *text;
  return *this;
}

FieldReader& FieldReader::Read(std::string_view name, int* out) {
  const json* value = Take(name);
  if (value == nullptr) return *this;
  if (!value->is_number()) {
    Fail(name, Expected("a whole number", *value));
    return *this;
  }
  const double number = value->get<double>();
  if (!(number >= INT32_MIN && number <= INT32_MAX) || number != std::trunc(number)) {
    Fail(name, "expected a whole number of 32 bits, found " + value->dump());
  } else {
    *out = static_cast<int>(number);
  }
  return *this;
}

FieldReader& FieldReader::Read(std::string_view name, bool* out) {
  if (const json* value = Take(name)) {
    if (value->is_boolean()) {
      *out = value->get<bool>();
    } else {
      Fail(name, Expected("true or false", *value));
    }
  }
  return *this;
}

FieldReader& FieldReader::Read(std::string_view name, std::vector<std::string>* out) {
  return ReadNested(name, [out](const json& value, const std::string& path) {
    return ReadTexts(value, path, out);
  });
}

FieldReader& FieldReader::Read(std::string_view name, TextList* out) {
  return ReadNested(name, [out](const json& value, const std::string& path) {
    return ReadTexts(value, path, out);
  });
}

FieldReader& FieldReader::Read(std::string_view name, StringMap* out) {
  return ReadNested(name, [out](const json& value, const std::string& path) -> Result<void> {
    if (!value.is_object()) return InvalidArgument(path + ": " + Expected("an object", value));
    std::vector<std::pair<Text, Text>> map;
    for (const auto& [key, element] : value.items()) {
      if (!element.is_string()) {
        return InvalidArgument(path + "." + key + ": " + Expected("a string", element));
      }
      map.emplace_back(key, element.get_ref<const std::string&>());
    }
    *out = MapOf(std::move(map));
    return {};
  });
}

FieldReader& FieldReader::Read(std::string_view name, FlatMap<TextList>* out) {
  return ReadNested(name, [out](const json& value, const std::string& path) -> Result<void> {
    if (!value.is_object()) return InvalidArgument(path + ": " + Expected("an object", value));
    std::vector<std::pair<Text, TextList>> map;
    for (const auto& [key, element] : value.items()) {
      TextList list;
      if (!element.is_null()) {
        if (Result<void> ok = ReadTexts(element, path + "." + key, &list); !ok) return ok;
      }
      map.emplace_back(key, std::move(list));
    }
    *out = MapOf(std::move(map));
    return {};
  });
}

FieldReader& FieldReader::Read(std::string_view name, std::chrono::nanoseconds* out) {
  const json* value = Take(name);
  if (value == nullptr) return *this;
  if (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) {
    Fail(name, "expected a duration such as \"10s\", found a number out of range");
  } else if (value->is_number_integer()) {
    *out = std::chrono::nanoseconds(value->get<int64_t>());
  } else if (value->is_string()) {
    Result<std::chrono::nanoseconds> parsed = ParseGoDuration(value->get_ref<const std::string&>());
    if (parsed) {
      *out = *parsed;
    } else if (!error_) {
      error_ = parsed.error();  // Go's words, which Consul's clients have seen before
    }
  } else {
    Fail(name, Expected("a duration such as \"10s\"", *value));
  }
  return *this;
}

FieldReader& FieldReader::ReadNested(
    std::string_view name,
    const std::function<Result<void>(const json&, const std::string&)>& parse) {
  if (const json* value = Take(name)) {
    Result<void> ok = parse(*value, PathOf(name));
    if (!ok && !error_) error_ = ok.error();
  }
  return *this;
}

FieldReader& FieldReader::Ignore(std::string_view name) {
  Take(name);
  return *this;
}

Result<void> FieldReader::Finish() {
  if (error_) return *error_;
  found_.clear();  // no field is being read any more
  for (const auto& [key, value] : object_.items()) {
    if (!taken_.contains(key)) return InvalidArgument("unknown field \"" + PathOf(key) + "\"");
  }
  return {};
}

Result<json> ParseJson(std::string_view body, Repeats repeats) {
  if (TooDeep(body)) {
    return InvalidArgument("JSON nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  // The library takes a byte of zero for the end, and would not look at what is behind it.
  const std::string_view text = body.substr(0, body.find('\0'));
  const bool is_all = text.size() == body.size();
  try {
    RepeatFinder finder;
    json value =
        repeats == Repeats::kRefused ? json::parse(text, std::ref(finder)) : json::parse(text);
    if (finder.repeated()) {
      return InvalidArgument("an object has " + Quoted(*finder.repeated()) + " twice");
    }
    if (is_all) return value;
  } catch (const json::parse_error& e) {
    if (e.byte <= text.size()) {
      return InvalidArgument("invalid JSON at byte " + std::to_string(e.byte));
    }
    if (is_all) {
      return InvalidArgument("unexpected end of JSON at byte " + std::to_string(body.size()));
    }
  } catch (const json::out_of_range&) {  // such as 1e400; the library does not say where
    return InvalidArgument("a number is out of range");
  }
  return InvalidArgument("invalid JSON at byte " + std::to_string(text.size() + 1));
}

Error DecodeFailed(const Error& cause) {
  return {cause.code, "Request decode failed: " + cause.message};
}

}  // namespace rollcall::model
