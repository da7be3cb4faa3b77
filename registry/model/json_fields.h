// FieldReader: takes the known fields out of a JSON object, the way Consul's endpoints read their
// bodies: field names compare without regard to case, null means "not set", an unknown field or a
// value of the wrong type is an error that names it. One object per reader; single-threaded.
//
//   FieldReader reader(object, "Service");
//   reader.Read("Port", &port).Read("Tags", &tags);
//   if (Result<void> ok = reader.Finish(); !ok) return ok.error();
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::model {

// How a field's name may be written.
enum class KeyStyle {
  kCamelCase,         // catalog endpoints: "NodeMeta", any case
  kCamelOrSnakeCase,  // agent endpoints and definition files: also "node_meta"
};

// What becomes of a member that an object has twice. Which of them counts is as little defined as
// in JSON itself (RFC 8259 section 4); where somebody's rights hang on it, it is better refused.
enum class Repeats { kOneCounts, kRefused };

class FieldReader {
 public:
  // `path` is what errors call the object ("" for the body itself). The object must outlive the
  // reader. A value that is not an object is reported by Finish.
  FieldReader(const nlohmann::json& object, std::string path,
              KeyStyle style = KeyStyle::kCamelCase);

  // A field that the object has under two names ("Name" and "name") is an error from here on.
  FieldReader& RefuseRepeats() {
    repeats_ = Repeats::kRefused;
    return *this;
  }

  // Each leaves its target as it is when the field is absent or null.
  FieldReader& Read(std::string_view name, std::string* out);
  FieldReader& Read(std::string_view name, Text* out);
  FieldReader& Read(std::string_view name, int* out);
  FieldReader& Read(std::string_view name, bool* out);
  FieldReader& Read(std::string_view name, std::vector<std::string>* out);
  FieldReader& Read(std::string_view name, TextList* out);
  FieldReader& Read(std::string_view name, StringMap* out);
  FieldReader& Read(std::string_view name, FlatMap<TextList>* out);
  // A Go duration ("10s") or a number of nanoseconds.
  FieldReader& Read(std::string_view name, std::chrono::nanoseconds* out);
  // A nested value, handed to `parse` with its path when present and not null.
  FieldReader& ReadNested(std::string_view name,
                          const std::function<Result<void>(const nlohmann::json& value,
                                                           const std::string& path)>& parse);
  // Accepts and drops a field that we know of and have no use for.
  FieldReader& Ignore(std::string_view name);

  // The first error met, or the first field that nobody read.
  Result<void> Finish();

 private:
  const nlohmann::json* Take(std::string_view name);
  const std::string* TakeString(std::string_view name);
  void Fail(std::string_view name, std::string what);
  std::string PathOf(std::string_view name) const;

  const nlohmann::json& object_;
  const std::string path_;
  const KeyStyle style_;
  Repeats repeats_ = Repeats::kOneCounts;
  std::set<std::string, std::less<>> taken_;
  std::string found_;  // the field being read, as the object writes it: errors name it so
  std::optional<Error> error_;
};

// Parses a request body, all of it. Errors are kInvalidArgument, "unexpected end of JSON at byte 8"
// and the like. Depth is limited (hostile nesting is an error, not a stack overflow).
// With kRefused no object may have two members of one name, written alike; see FieldReader for
// names that differ in their case.
Result<nlohmann::json> ParseJson(std::string_view body, Repeats repeats = Repeats::kOneCounts);

// "Request decode failed: <cause>": how Consul begins what it says of a body that it cannot read.
Error DecodeFailed(const Error& cause);

}  // namespace rollcall::model
