using Envoy.Config.Common.MutationRules.V3;
using Weft.Config;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>What may be done to a header.</summary>
internal enum HeaderOperation : byte { Set, Append, Remove }

/// <summary>HeaderMutationRules: which headers a service may change. Immutable; any thread.</summary>
internal sealed class MutationRules
{
    private readonly HeaderMutationRules _rules;
    private readonly StringMatcher? _allowed;
    private readonly StringMatcher? _disallowed;

    /// <summary>Faults are reported in the context.</summary>
    public MutationRules(HeaderMutationRules? rules, ConfigContext context)
    {
        _rules = rules ?? new HeaderMutationRules();
        _allowed = _rules.AllowExpression is { } allowed ? StringMatcher.Create(new Envoy.Type.Matcher.V3.StringMatcher { SafeRegex = allowed }, context) : null;
        _disallowed = _rules.DisallowExpression is { } disallowed ? StringMatcher.Create(new Envoy.Type.Matcher.V3.StringMatcher { SafeRegex = disallowed }, context) : null;
    }

    /// <summary>disallow_is_error: what may not be changed fails the whole message.</summary>
    public bool DisallowIsError => _rules.DisallowIsError ?? false;

    /// <param name="name">In lower case.</param>
    /// <param name="value">Empty for a removal.</param>
    public bool Allows(HeaderOperation operation, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        => IsAllowed(operation, name) && (operation == HeaderOperation.Remove || IsValid(name, value));

    private bool IsAllowed(HeaderOperation operation, ReadOnlySpan<byte> name)
    {
        var isSystem = name[0] == ':';
        if (operation == HeaderOperation.Remove && (isSystem || name.SequenceEqual("host"u8))) return false;
        if (_disallowed?.IsMatch(name) == true) return false;
        if (_allowed?.IsMatch(name) == true) return true;
        if (_rules.DisallowAll ?? false) return false;
        if (!(_rules.AllowAllRouting ?? false) && IsForRouting(name)) return false;
        if (isSystem && (operation == HeaderOperation.Append || (_rules.DisallowSystem ?? false))) return false;
        return (_rules.AllowEnvoy ?? false) || !name.StartsWith("x-envoy-"u8);
    }

    private static bool IsForRouting(ReadOnlySpan<byte> name)
        => name.SequenceEqual("host"u8) || name.SequenceEqual(":authority"u8) || name.SequenceEqual(":scheme"u8) || name.SequenceEqual(":method"u8);

    /// <summary>Values that would make this proxy misread the message.</summary>
    private static bool IsValid(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("host"u8) || name.SequenceEqual(":authority"u8)) return Authority.IsValid(value);
        if (name.SequenceEqual(":scheme"u8)) return value.SequenceEqual("http"u8) || value.SequenceEqual("https"u8);
        if (name.SequenceEqual(":status"u8)) return System.Buffers.Text.Utf8Parser.TryParse(value, out uint status, out var length) && length == value.Length && status >= 200;
        return name[0] == ':' || FieldText.IsValue(value);
    }
}
