#include "agent/json_lines.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "registry/base/counting_iterator.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;

// Where the parser is.
class Position {
 public:
  void Key(std::string key) { stack_.back().key = std::move(key); }
  void Enter(bool is_array) { stack_.push_back({is_array, 0, ""}); }
  void Leave() {
    stack_.pop_back();
    Next();
  }
  // After a value of an array.
  void Next() {
    if (!stack_.empty()) ++stack_.back().index;
  }

  std::string Path() const {
    std::string path;
    for (const Level& level : stack_) {
      if (level.is_array) {
        path += '[' + std::to_string(level.index) + ']';
      } else {
        path += (path.empty() ? "" : ".") + level.key;
      }
    }
    return path;
  }

 private:
  struct Level {
    bool is_array;
    size_t index;
    std::string key;
  };
  std::vector<Level> stack_;
};

// "[json.exception...] parse error at line 3, column 7: syntax error while ...": from the line on.
std::string FromLine(std::string_view what) {
  constexpr std::string_view kLine = "line ";
  const size_t line = what.find(kLine);
  if (line == std::string_view::npos) return std::string(what);
  what.remove_prefix(line + kLine.size());
  const size_t comma = what.find(',');
  const size_t colon = what.find(": ");
  if (comma == std::string_view::npos || colon == std::string_view::npos) return std::string(what);
  return std::string(what.substr(0, comma)) + std::string(what.substr(colon));
}

}  // namespace

Result<JsonLines> JsonLines::Parse(std::string_view text) {
  JsonLines parsed;
  const char* read_to = text.data();
  // The parser reads no further than the bracket that an object or an array begins with before it
  // says so.
  auto line_now = [&read_to, counted_to = text.data(), line = size_t{1}]() mutable {
    line += static_cast<size_t>(std::count(counted_to, read_to, '\n'));
    counted_to = read_to;
    return line;
  };
  Position position;
  const auto note = [&](int /*depth*/, json::parse_event_t event, json& value) {
    switch (event) {
      case json::parse_event_t::key:
        position.Key(value.get<std::string>());
        break;
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        parsed.lines_.emplace(position.Path(), line_now());
        position.Enter(event == json::parse_event_t::array_start);
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        position.Leave();
        break;
      case json::parse_event_t::value:
        position.Next();
        break;
    }
    return true;
  };
  try {
    parsed.value_ = json::parse(CountingIterator(text.data(), &read_to),
                                CountingIterator(text.data() + text.size(), &read_to), note);
  } catch (const json::parse_error& error) {
    return InvalidArgument(FromLine(error.what()));
  }
  return parsed;
}

size_t JsonLines::LineOf(std::string_view path) const {
  for (;;) {
    if (const auto known = lines_.find(path); known != lines_.end()) return known->second;
    const size_t end = path.find_last_of(".[");
    if (end == std::string_view::npos) break;
    path = path.substr(0, end);
  }
  const auto whole = lines_.find(std::string_view());
  return whole == lines_.end() ? 1 : whole->second;
}

}  // namespace rollcall::agent
