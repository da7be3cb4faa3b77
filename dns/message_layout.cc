#include "dns/message_layout.h"

#include "dns/constants.h"
#include "dns/domain_name.h"

namespace rollcall::dns {

namespace {

constexpr size_t kQuestionTail = 4;  // type, class
constexpr size_t kRecordTail = 10;   // type, class, TTL, rdlength
constexpr size_t kOptionHead = 4;

enum class Pointers : uint8_t { kNotAllowed, kEndName };

// Where the name that begins at `at` ends; empty when it is not whole, too long or not allowed.
std::optional<size_t> FindNameEnd(std::span<const uint8_t> message, size_t at, Pointers pointers) {
  const size_t begin = at;
  while (at < message.size() && at - begin < DomainName::kMaxSize) {
    const uint8_t length = message[at];
    if ((length & kPointerBits) == kPointerBits) {
      if (pointers == Pointers::kNotAllowed || message.size() - at < 2) return std::nullopt;
      return at + 2;
    }
    if (length > DomainName::kMaxLabel) return std::nullopt;
    ++at;
    if (length == 0) return at;
    if (message.size() - at < length) return std::nullopt;
    at += length;
  }
  return std::nullopt;
}

struct RecordLayout {
  size_t begin = 0;
  size_t tail = 0;  // where the owner ends
  size_t end = 0;
  uint16_t type = 0;
};

std::optional<RecordLayout> FindRecord(std::span<const uint8_t> message, size_t begin) {
  const std::optional<size_t> tail = FindNameEnd(message, begin, Pointers::kEndName);
  if (!tail || message.size() - *tail < kRecordTail) return std::nullopt;
  const size_t rdata = *tail + kRecordTail;
  const uint16_t rdlength = Uint16At(message, rdata - 2);
  if (message.size() - rdata < rdlength) return std::nullopt;
  return RecordLayout{begin, *tail, rdata + rdlength, Uint16At(message, *tail)};
}

bool AreWhole(std::span<const uint8_t> options) {
  while (!options.empty()) {
    if (options.size() < kOptionHead) return false;
    const uint16_t size = Uint16At(options, 2);
    if (options.size() - kOptionHead < size) return false;
    options = options.subspan(kOptionHead + size);
  }
  return true;
}

std::optional<OptLayout> ReadOpt(std::span<const uint8_t> message, const RecordLayout& record) {
  if (record.tail != record.begin + 1) return std::nullopt;  // not the root
  OptLayout opt;
  opt.extended_rcode = message[record.tail + 4];
  opt.version = message[record.tail + 5];
  opt.options = message.first(record.end).subspan(record.tail + kRecordTail);
  // What the options of another version mean is unknown.
  if (opt.version == 0 && !AreWhole(opt.options)) return std::nullopt;
  return opt;
}

}  // namespace

std::optional<size_t> FindQuestionEnd(std::span<const uint8_t> message) {
  if (message.size() < kHeaderSize || Uint16At(message, 4) != 1) return std::nullopt;
  const std::optional<size_t> name_end = FindNameEnd(message, kHeaderSize, Pointers::kNotAllowed);
  if (!name_end || message.size() - *name_end < kQuestionTail) return std::nullopt;
  return *name_end + kQuestionTail;
}

std::optional<RecordsLayout> FindRecords(std::span<const uint8_t> message, size_t question_end) {
  const uint32_t main_records = uint32_t{Uint16At(message, 6)} + Uint16At(message, 8);
  const uint32_t records = main_records + Uint16At(message, 10);
  RecordsLayout layout;
  layout.end = question_end;
  size_t at = question_end;
  for (uint32_t i = 0; i < records; ++i) {
    const std::optional<RecordLayout> record = FindRecord(message, at);
    if (!record) return std::nullopt;
    at = record->end;
    if (record->type == type::kOpt) {
      if (i < main_records || layout.opt) return std::nullopt;
      layout.opt = ReadOpt(message, *record);
      if (!layout.opt) return std::nullopt;
    } else if (!layout.opt) {
      layout.end = at;
      if (i >= main_records) ++layout.additional;
    }
  }
  return layout;
}

std::optional<Option> TakeOption(std::span<const uint8_t>* options) {
  if (options->empty()) return std::nullopt;
  const size_t size = kOptionHead + Uint16At(*options, 2);
  const Option option{Uint16At(*options, 0), options->first(size)};
  *options = options->subspan(size);
  return option;
}

}  // namespace rollcall::dns
