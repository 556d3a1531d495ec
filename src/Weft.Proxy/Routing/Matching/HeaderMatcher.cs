using System.Buffers.Text;
using Google.Protobuf.Collections;
using Weft.Config;
using Weft.Http;
using MatchCase = Envoy.Config.Route.V3.HeaderMatcher.HeaderMatchSpecifierOneofCase;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled HeaderMatcher. Several headers of one name are matched as one value, joined by commas. Immutable; matching allocates nothing; any thread.</summary>
public sealed class HeaderMatcher
{
    private enum Kind : byte { Present, Range, Text }

    private readonly HeaderName _name;
    private readonly Kind _kind;
    private readonly bool _present;
    private readonly long _start, _end;
    private readonly StringMatcher _text = StringMatcher.Never;
    private readonly bool _invert, _missingIsEmpty;

    private HeaderMatcher(Envoy.Config.Route.V3.HeaderMatcher config, ConfigContext context)
    {
        _name = new HeaderName(config.Name);
        _invert = config.InvertMatch;
        _missingIsEmpty = config.TreatMissingHeaderAsEmpty;
        switch (config.HeaderMatchSpecifierCase)
        {
            case MatchCase.RangeMatch:
                (_kind, _start, _end) = (Kind.Range, config.RangeMatch.Start, config.RangeMatch.End);
                break;
            case MatchCase.PresentMatch:
                _present = config.PresentMatch;
                break;
            case MatchCase.None:
                _present = true;
                break;
            default:
                (_kind, _text) = (Kind.Text, CompileText(config, context));
                break;
        }
    }

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static HeaderMatcher Create(Envoy.Config.Route.V3.HeaderMatcher config, ConfigContext context) => new(config, context);

    /// <summary>Compiles a list, all of which must match.</summary>
    public static HeaderMatcher[] Create(RepeatedField<Envoy.Config.Route.V3.HeaderMatcher> configs, ConfigContext context)
    {
        var matchers = new HeaderMatcher[configs.Count];
        for (var i = 0; i < matchers.Length; i++) matchers[i] = Create(configs[i], context);
        return matchers;
    }

    public bool IsMatch(HeaderMap headers)
    {
        var first = headers.IndexOf(_name);
        if (_kind == Kind.Present) return (first >= 0 || _missingIsEmpty ? _present : !_present) != _invert;
        if (first < 0 && !_missingIsEmpty) return false;
        var value = first < 0 ? default : HeaderValues.Joined(headers, _name, first);
        return (_kind == Kind.Range ? InRange(value) : _text.IsMatch(value)) != _invert;
    }

    /// <summary>All of them match; true for none.</summary>
    public static bool AllMatch(HeaderMatcher[] matchers, HeaderMap headers)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.IsMatch(headers)) return false;
        }

        return true;
    }

    private bool InRange(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t"u8);
        if (!value.IsEmpty && value[0] == '+') value = value[1..];
        return Utf8Parser.TryParse(value, out long number, out var read) && read == value.Length && number >= _start && number < _end;
    }

#pragma warning disable CS0612 // Deprecated in the API, but still in files.
    private static StringMatcher CompileText(Envoy.Config.Route.V3.HeaderMatcher config, ConfigContext context) => config.HeaderMatchSpecifierCase switch
    {
        MatchCase.StringMatch => StringMatcher.Create(config.StringMatch, context),
        MatchCase.SafeRegexMatch => RegexMatcher.Create(config.SafeRegexMatch, context),
        // Empty: the header need only be there.
        MatchCase.ExactMatch when config.ExactMatch.Length == 0 => StringMatcher.Prefix(""),
        MatchCase.ExactMatch => StringMatcher.Exact(config.ExactMatch),
        MatchCase.PrefixMatch => StringMatcher.Prefix(config.PrefixMatch),
        MatchCase.SuffixMatch => StringMatcher.Suffix(config.SuffixMatch),
        MatchCase.ContainsMatch => StringMatcher.Contains(config.ContainsMatch),
        _ => StringMatcher.Never,
    };
#pragma warning restore CS0612
}
