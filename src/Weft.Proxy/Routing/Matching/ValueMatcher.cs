using System.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.Streams;
using DoubleCase = Envoy.Type.Matcher.V3.DoubleMatcher.MatchPatternOneofCase;
using MatchCase = Envoy.Type.Matcher.V3.ValueMatcher.MatchPatternOneofCase;
using ValueMatcherMessage = Envoy.Type.Matcher.V3.ValueMatcher;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled envoy.type.matcher.v3.ValueMatcher: what a value of metadata must be. Immutable; any thread.</summary>
public sealed class ValueMatcher
{
    private readonly MatchCase _kind;
    private readonly bool _flag;
    private readonly double _start, _end;
    private readonly StringMatcher _text = StringMatcher.Never;
    private readonly ValueMatcher[] _inner = [];

    /// <param name="context">Takes the faults.</param>
    public ValueMatcher(ValueMatcherMessage config, ConfigContext context)
    {
        _kind = config.MatchPatternCase;
        switch (_kind)
        {
            case MatchCase.BoolMatch:
                _flag = config.BoolMatch;
                break;
            case MatchCase.PresentMatch:
                _flag = config.PresentMatch;
                break;
            case MatchCase.DoubleMatch when config.DoubleMatch.MatchPatternCase == DoubleCase.Range:
                (_start, _end) = (config.DoubleMatch.Range.Start, config.DoubleMatch.Range.End);
                break;
            case MatchCase.DoubleMatch:
                (_start, _end) = (config.DoubleMatch.Exact, double.BitIncrement(config.DoubleMatch.Exact));
                break;
            case MatchCase.StringMatch:
                _text = StringMatcher.Create(config.StringMatch, context);
                break;
            case MatchCase.ListMatch when config.ListMatch.OneOf is { } oneOf:
                _inner = [new ValueMatcher(oneOf, context)];
                break;
            case MatchCase.OrMatch:
                _inner = [.. config.OrMatch.ValueMatchers.Select(inner => new ValueMatcher(inner, context))];
                break;
        }
    }

    /// <param name="value">Null when there is none.</param>
    public bool IsMatch(Value? value) => IsMatch(value is null ? default : Read(value));

    /// <param name="value">Of kind None when there is none.</param>
    internal bool IsMatch(in MetadataValue value)
    {
        switch (_kind)
        {
            case MatchCase.NullMatch:
                return value.Kind == MetadataKind.Null;
            case MatchCase.BoolMatch:
                return value.Kind == MetadataKind.Bool && value.Bool == _flag;
            case MatchCase.DoubleMatch:
                return value.Kind == MetadataKind.Number && value.Number >= _start && value.Number < _end;
            case MatchCase.StringMatch:
                return value.Kind == MetadataKind.Text && _text.IsMatch(value.Text);
            case MatchCase.PresentMatch:
                return _flag && value.Kind != MetadataKind.None;
            case MatchCase.ListMatch:
                return value.Kind == MetadataKind.List && AnyElement(value.Tree!.ListValue);
            case MatchCase.OrMatch:
                return AnyInner(value);
            default:
                return false;
        }
    }

    private bool AnyInner(in MetadataValue value)
    {
        foreach (var inner in _inner)
        {
            if (inner.IsMatch(value)) return true;
        }

        return false;
    }

    private bool AnyElement(ListValue list)
    {
        foreach (var element in list.Values)
        {
            if (_inner.Length > 0 && _inner[0].IsMatch(Read(element))) return true;
        }

        return false;
    }

    // Lists come from configuration or from services: they are rare, and their texts are short.
    private static MetadataValue Read(Value element) => element.KindCase switch
    {
        Value.KindOneofCase.BoolValue => new MetadataValue { Kind = MetadataKind.Bool, Bool = element.BoolValue },
        Value.KindOneofCase.NumberValue => new MetadataValue { Kind = MetadataKind.Number, Number = element.NumberValue },
        Value.KindOneofCase.StringValue => new MetadataValue { Kind = MetadataKind.Text, Text = Encoding.UTF8.GetBytes(element.StringValue) },
        Value.KindOneofCase.ListValue => new MetadataValue { Kind = MetadataKind.List, Tree = element },
        Value.KindOneofCase.StructValue => new MetadataValue { Kind = MetadataKind.Struct, Tree = element },
        _ => new MetadataValue { Kind = MetadataKind.Null },
    };
}
