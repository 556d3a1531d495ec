using Weft.Config;
using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;
using Weft.Proxy.Matching.Inputs;
using Xds.Type.Matcher.V3;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>envoy.matching.matchers.cel_matcher: an expression is true of a request. Errors, of missing attributes for example, are no match.</summary>
internal sealed class CelInputMatcher : InputMatcher
{
    private readonly CelExpression? _expression;
    private readonly string _text;

    public CelInputMatcher(CelMatcher config, ConfigContext context)
    {
        // The API's own rules report that there is none.
        _expression = config.ExprMatch is { } expression ? CelExpression.Create(expression, context) : null;
        _text = config.Description.Length > 0 ? config.Description : config.ExprMatch?.CelExprString ?? "";
    }

    public override string InputType => CelInput.Type;

    public override bool IsMatch(in MatchValue value, in MatchData data)
        => data.Info is { } info && _expression is not null && _expression.IsTrue(new FormatContext(info, data.RequestHeaders, data.ResponseHeaders, data.ResponseTrailers));

    public override string ToString() => _text.Length > 0 ? $"the expression {_text}" : "the expression";
}
