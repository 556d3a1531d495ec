using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using RuleMessage = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config.Types.Rule;
using TargetMessage = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config.Types.KeyValuePair;
using ValueEncode = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config.Types.ValueEncode;
using ValueType = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config.Types.ValueType;

namespace Weft.Proxy.HttpFilters.HeaderToMetadata;

/// <summary>One rule: which header or cookie becomes which value of metadata. Immutable; any thread.</summary>
internal sealed class MetadataRule
{
    private const int MaxValueBytes = 8 * 1024;
    private const string DefaultNamespace = "envoy.filters.http.header_to_metadata";

    private readonly HeaderName? _header;
    private readonly byte[] _cookie;
    private readonly bool _remove;
    private readonly Target? _present;
    private readonly Target? _missing;

    private MetadataRule(RuleMessage config, ConfigContext context)
    {
        _header = config.Header.Length > 0 ? new HeaderName(config.Header) : null;
        _cookie = Encoding.UTF8.GetBytes(config.Cookie);
        _remove = config.Remove;
        _present = config.OnHeaderPresent is { } present ? new Target(present, context) : null;
        _missing = config.OnHeaderMissing is { } missing ? new Target(missing, context) : null;
    }

    /// <summary>Null, with a fault, when it makes no sense.</summary>
    public static MetadataRule? Create(RuleMessage config, ConfigContext context)
    {
        if (FaultOf(config) is not { } fault) return new MetadataRule(config, context);
        context.Error(config, null, fault);
        return null;
    }

    /// <param name="scratch">For values that are rewritten or decoded.</param>
    /// <param name="stats">Null: nothing is counted.</param>
    public void Apply(HeaderMap headers, DynamicMetadata metadata, ByteWriter scratch, MetadataRuleStats? stats)
    {
        stats?.RulesProcessed.Inc();
        if (!TryFind(headers, out var value))
        {
            if (_missing is null) return;
            stats?.HeaderNotFound.Inc();
            _missing.Set(metadata, default, scratch, stats);
            return;
        }

        _present?.Set(metadata, value, scratch, stats);
        if (_remove && _header is { } name) headers.Remove(name);
    }

    private bool TryFind(HeaderMap headers, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_header is not { } name)
        {
            value = RequestCookies.Find(headers, _cookie);
            return !value.IsEmpty;
        }

        var index = headers.IndexOf(name);
        if (index >= 0) value = HeaderValues.Joined(headers, name, index);
        return index >= 0;
    }

    private static string? FaultOf(RuleMessage config)
    {
        if (config.Cookie.Length > 0 && config.Header.Length > 0) return "Cannot specify both header and cookie in the same rule";
        if (config.Cookie.Length == 0 && config.Header.Length == 0) return "One of Cookie or Header option needs to be specified";
        if (config.OnHeaderPresent is null && config.OnHeaderMissing is null)
            return $"header to metadata filter: rule for {(config.Header.Length > 0 ? $"header '{config.Header}'" : $"cookie '{config.Cookie}'")} has neither `on_header_present` nor `on_header_missing` set";
        if (config.OnHeaderPresent is { Value.Length: > 0, RegexValueRewrite: not null }) return "Cannot specify both value and regex_value_rewrite";
        if (config.Cookie.Length > 0 && config.Remove) return "Cannot specify remove for cookie";
        return config.OnHeaderMissing is { Value.Length: 0 } ? "Cannot specify on_header_missing rule with an empty value" : null;
    }

    /// <summary>Where a value goes, and as what.</summary>
    private sealed class Target(TargetMessage config, ConfigContext context)
    {
        private readonly string _namespace = config.MetadataNamespace.Length > 0 ? config.MetadataNamespace : DefaultNamespace;
        private readonly string _key = config.Key;
        private readonly byte[] _constant = Encoding.UTF8.GetBytes(config.Value);
        private readonly RegexRewrite? _rewrite = config.RegexValueRewrite is { } rewrite ? RegexRewrite.Create(rewrite, context) : null;
        private readonly ValueType _type = config.Type;
        private readonly bool _isBase64 = config.Encode == ValueEncode.Base64;

        public void Set(DynamicMetadata metadata, ReadOnlySpan<byte> value, ByteWriter scratch, MetadataRuleStats? stats)
        {
            if (_constant.Length > 0)
            {
                value = _constant;
            }
            else if (_rewrite is not null)
            {
                scratch.Clear();
                _rewrite.Replace(value, scratch);
                if (!value.IsEmpty && scratch.Length == 0) stats?.RegexSubstitutionFailed.Inc();
                value = scratch.Written;
            }

            if (!value.IsEmpty && IsUsable(ref value, scratch, stats) && TrySet(metadata, value)) stats?.MetadataAdded.Inc();
        }

        // What is too long or broken is left out, not cut.
        private bool IsUsable(ref ReadOnlySpan<byte> value, ByteWriter scratch, MetadataRuleStats? stats)
        {
            if (value.Length >= MaxValueBytes)
            {
                stats?.HeaderValueTooLong.Inc();
                return false;
            }

            if (!_isBase64 || TryDecode(ref value, scratch)) return true;
            stats?.Base64DecodeFailed.Inc();
            return false;
        }

        private bool TrySet(DynamicMetadata metadata, ReadOnlySpan<byte> value)
        {
            switch (_type)
            {
                case ValueType.Number:
                    value = value.Trim(" \t"u8);
                    if (!Utf8Parser.TryParse(value, out double number, out var read) || read != value.Length) return false;
                    metadata.Set(_namespace, _key, number);
                    return true;
                case ValueType.ProtobufValue:
                    return TrySetMessage(metadata, value);
                default:
                    metadata.Set(_namespace, _key, value);
                    return true;
            }
        }

        // A client's bytes: what cannot be parsed is no value. Allocates, as messages do.
        private bool TrySetMessage(DynamicMetadata metadata, ReadOnlySpan<byte> bytes)
        {
            try
            {
                metadata.Set(_namespace, _key, Value.Parser.ParseFrom(bytes));
                return true;
            }
            catch (InvalidProtocolBufferException)
            {
                return false;
            }
        }

        /// <summary>Padding may be missing.</summary>
        private static bool TryDecode(ref ReadOnlySpan<byte> value, ByteWriter scratch)
        {
            Span<byte> padded = stackalloc byte[MaxValueBytes + 4];
            value.CopyTo(padded);
            var length = value.Length;
            while (length % 4 != 0) padded[length++] = (byte)'=';
            scratch.Clear();
            var status = Base64.DecodeFromUtf8(padded[..length], scratch.GetSpan(length), out _, out var written);
            scratch.Advance(written);
            value = scratch.Written;
            return status == OperationStatus.Done && written > 0;
        }
    }
}
