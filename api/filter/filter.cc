#include "api/filter/filter.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "api/filter/expression.h"
#include "api/filter/schemas.h"

namespace rollcall::api::filter {
namespace {

constexpr size_t kMaxPatterns = 32;

Error Refused(const Error& why) {
  return InvalidArgument("Failed to create boolean expression evaluator: " + why.message);
}

}  // namespace

// The clauses of an expression, bound to a schema.
template <typename Record>
class Program {
 public:
  static Result<std::shared_ptr<const Program>> Make(const Expression& expression) {
    auto program = std::make_shared<Program>();
    size_t patterns = 0;
    for (const Clause& clause : expression.clauses) {
      const Operator op = clause.match.op;
      if (op == Operator::kMatches || op == Operator::kNotMatches) ++patterns;
      if (patterns > kMaxPatterns) {
        return InvalidArgument("Selector \"" + clause.match.selector.ToText() +
                               "\" is matched: " + "more than " + std::to_string(kMaxPatterns) +
                               " regular expressions");
      }
      auto test = Bind(FieldsOf<Record>(), Path(clause.match));
      if (!test) return std::move(test).error();
      program->steps_.push_back({*std::move(test), clause.if_true, clause.if_false});
    }
    return std::shared_ptr<const Program>(std::move(program));
  }

  bool Run(const Record& record) const {
    Target at = 0;
    while (at >= 0) {
      const Step& step = steps_[static_cast<size_t>(at)];
      at = step.test(record) ? step.if_true : step.if_false;
    }
    return at == kAccept;
  }

 private:
  struct Step {
    Predicate<Record> test;
    Target if_true;
    Target if_false;
  };
  std::vector<Step> steps_;
};

template <typename Record>
Result<Filter<Record>> Filter<Record>::Parse(std::string_view text) {
  Filter filter;
  if (text.empty()) return filter;
  const auto expression = ParseExpression(text);
  if (!expression) return Refused(expression.error());
  auto program = Program<Record>::Make(*expression);
  if (!program) return Refused(program.error());
  filter.program_ = *std::move(program);
  return filter;
}

template <typename Record>
bool Filter<Record>::Matches(const Record& record) const {
  return program_ == nullptr || program_->Run(record);
}

template class Filter<NodeRecord>;
template class Filter<CatalogServiceRecord>;
template class Filter<HealthRecord>;
template class Filter<LoginRecord>;
template class Filter<model::Check>;
template class Filter<model::Instance>;

}  // namespace rollcall::api::filter
