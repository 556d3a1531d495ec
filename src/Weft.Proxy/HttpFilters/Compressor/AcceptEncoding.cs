using System.Buffers.Text;
using Weft.Proxy.HttpFilters.Compression;

namespace Weft.Proxy.HttpFilters.Compressor;

/// <summary>What a client's accept-encoding makes of the compressors in a chain.</summary>
internal enum EncodingChoice : byte { NotValid, Identity, Wildcard, Compressor }

/// <summary>Chooses among the compressors of a chain by an accept-encoding (RFC 9110 section 12.5.3), as Envoy does. No allocation.</summary>
internal static class AcceptEncoding
{
    /// <param name="list">The header; empty when it was there and empty.</param>
    /// <param name="compressors">Of the chain, in order; those that may not be used for this response are null.</param>
    /// <param name="chosen">The one to use; null for identity.</param>
    public static EncodingChoice Choose(ReadOnlySpan<byte> list, ReadOnlySpan<CompressorFilterFactory?> compressors, out CompressorFilterFactory? chosen)
    {
        chosen = null;
        if (FirstAllowed(list, compressors) is not { } first) return EncodingChoice.NotValid;
        var (best, bestWeight) = (EncodingChoice.NotValid, 0.0);
        var rest = list;
        while (HeaderTokens.TryTake(ref rest, out var token))
        {
            if (!TryReadWeight(token, out var weight)) continue;
            var name = HeaderTokens.WithoutParameters(token);
            var compressor = Find(name, list, compressors);
            var kind = compressor is not null ? EncodingChoice.Compressor
                : name.SequenceEqual("identity"u8) ? EncodingChoice.Identity
                : name.SequenceEqual("*"u8) ? EncodingChoice.Wildcard
                : EncodingChoice.NotValid;
            if (kind == EncodingChoice.NotValid || !(weight > bestWeight || (weight.Equals(bestWeight) && compressor is { ChooseFirst: true }))) continue;
            (best, bestWeight) = (kind, weight);
            chosen = kind == EncodingChoice.Wildcard ? first : compressor;
        }

        if (bestWeight > 0) return best;
        chosen = null;
        return EncodingChoice.NotValid;
    }

    /// <summary>The first compressor that the client has not ruled out; null when there is none, or the list is empty.</summary>
    private static CompressorFilterFactory? FirstAllowed(ReadOnlySpan<byte> list, ReadOnlySpan<CompressorFilterFactory?> compressors)
    {
        foreach (var compressor in compressors)
        {
            if (compressor is not null && !list.IsEmpty && !IsRuledOut(compressor.Library.Encoding, list)) return compressor;
        }

        return null;
    }

    private static CompressorFilterFactory? Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> list, ReadOnlySpan<CompressorFilterFactory?> compressors)
    {
        foreach (var compressor in compressors)
        {
            if (compressor is not null && name.SequenceEqual(compressor.Library.Encoding) && !IsRuledOut(name, list)) return compressor;
        }

        return null;
    }

    /// <summary>The list names a coding with a weight of 0.</summary>
    private static bool IsRuledOut(ReadOnlySpan<byte> coding, ReadOnlySpan<byte> list)
    {
        while (HeaderTokens.TryTake(ref list, out var token))
        {
            if (HeaderTokens.WithoutParameters(token).SequenceEqual(coding) && TryReadWeight(token, out var weight) && weight == 0) return true;
        }

        return false;
    }

    /// <summary>The q of a token; 1 when it has none; false when it cannot be read.</summary>
    private static bool TryReadWeight(ReadOnlySpan<byte> token, out double weight)
    {
        weight = 1;
        var semicolon = token.IndexOf((byte)';');
        if (semicolon < 0) return true;
        var parameter = token[(semicolon + 1)..].Trim(" \t"u8);
        var equals = parameter.IndexOf((byte)'=');
        if (equals < 0 || parameter[..equals].Trim(" \t"u8) is not [(byte)'q' or (byte)'Q']) return true;
        var value = parameter[(equals + 1)..].Trim(" \t"u8);
        return Utf8Parser.TryParse(value, out weight, out var read) && read == value.Length;
    }
}
