using System.Text;
using System.Text.Json;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using RulesMessage = Envoy.Extensions.Filters.Http.JsonToMetadata.V3.JsonToMetadata.Types.MatchRules;

namespace Weft.Proxy.HttpFilters.JsonToMetadata;

/// <summary>The rules of one direction: which bodies are read, and what of them. Immutable; any thread.</summary>
internal sealed class JsonRules
{
    private readonly JsonRule[] _rules;
    private readonly byte[][] _types;
    private readonly StringMatcher? _typePattern;
    private readonly bool _allowsNoType;
    private readonly Counter _success, _otherType, _noBody, _invalid;

    private JsonRules(RulesMessage config, StatsScope stats, ConfigContext context)
    {
        _rules = [.. config.Rules.Select(rule => JsonRule.Create(rule, context))];
        _types = config.AllowContentTypes.Count == 0 ? ["application/json"u8.ToArray()] : [.. config.AllowContentTypes.Select(Encoding.UTF8.GetBytes)];
        _typePattern = config.AllowContentTypesRegex is { } pattern ? RegexMatcher.Create(pattern, context) : null;
        _allowsNoType = config.AllowEmptyContentType;
        (_success, _otherType, _noBody, _invalid) = (stats.Counter("success"), stats.Counter("mismatched_content_type"), stats.Counter("no_body"), stats.Counter("invalid_json_body"));
    }

    /// <summary>Null when there are none.</summary>
    public static JsonRules? Create(RulesMessage? config, StatsScope stats, ConfigContext context) => config is null ? null : new JsonRules(config, stats, context);

    /// <summary>A message of this type is read; else its rules are done with.</summary>
    /// <param name="hasSet">Metadata has changed.</param>
    public bool Takes(HeaderMap headers, DynamicMetadata metadata, out bool hasSet)
    {
        hasSet = false;
        if (IsOfType(headers.Get(KnownHeader.ContentType))) return true;
        _otherType.Inc();
        foreach (var rule in _rules) hasSet |= rule.OnError(metadata);
        return false;
    }

    /// <summary>Reads a whole body; true when metadata has changed.</summary>
    public bool Apply(ReadOnlySpan<byte> body, DynamicMetadata metadata)
    {
        var hasSet = false;
        if (body.IsEmpty)
        {
            _noBody.Inc();
            foreach (var rule in _rules) hasSet |= rule.OnMissing(metadata);
        }
        else if (JsonStruct.Parse(body) is { } root)
        {
            _success.Inc();
            foreach (var rule in _rules) hasSet |= rule.Apply(root, metadata);
        }
        else if (IsJson(body))
        {
            _success.Inc();
            foreach (var rule in _rules) hasSet |= rule.OnMissing(metadata);
        }
        else
        {
            _invalid.Inc();
            foreach (var rule in _rules) hasSet |= rule.OnError(metadata);
        }

        return hasSet;
    }

    private bool IsOfType(ReadOnlySpan<byte> type)
    {
        if (type.IsEmpty) return _allowsNoType;
        foreach (var allowed in _types)
        {
            if (type.SequenceEqual(allowed)) return true;
        }

        return _typePattern is not null && _typePattern.IsMatch(type);
    }

    /// <summary>A list, a text or a number: JSON, but nothing that has keys.</summary>
    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            var isFirst = true;
            while (reader.Read())
            {
                if (isFirst && reader.TokenType == JsonTokenType.StartObject) return false;
                isFirst = false;
            }

            return !isFirst;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
