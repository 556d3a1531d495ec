using System.Text;
using Weft.Base.Stats;
using Weft.Http;
using MutationMessage = Envoy.Service.ExtProc.V3.HeaderMutation;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>Carries out the changes of headers that a processor asks for.</summary>
internal static class ProcessorMutations
{
    /// <summary>Null, or why the message must fail.</summary>
    /// <param name="replacesMessage">CONTINUE_AND_REPLACE: the method may change.</param>
    /// <param name="keepsLength">content-length is not for the processor to set.</param>
    /// <param name="rejected">Counts what was not done.</param>
    public static string? Apply(MutationMessage? mutation, HeaderMap headers, MutationRules rules, Counter rejected, bool replacesMessage = false, bool keepsLength = false)
    {
        foreach (var removed in mutation?.RemoveHeaders ?? [])
        {
            if (NameOf(removed) is not { } name) return Reject(rejected, "Invalid character in remove_headers mutation.");
            if (rules.Allows(HeaderOperation.Remove, name, default)) headers.Remove(name);
            else if (Refuse(rules, rejected)) return $"Invalid attempt to remove {Encoding.ASCII.GetString(name)}";
        }

        foreach (var set in mutation?.SetHeaders ?? [])
        {
            if (set.Header is not { } header || (keepsLength && header.Key.Equals("content-length", StringComparison.OrdinalIgnoreCase))) continue;
            // As Envoy, only raw_value is read; servers that know no better set value.
            var value = header.RawValue.Length > 0 ? header.RawValue.ToByteArray() : Encoding.UTF8.GetBytes(header.Value);
            if (NameOf(header.Key) is not { } name || !FieldText.IsValue(value)) return Reject(rejected, "Invalid character in set_headers mutation.");
            if (Set(name, value, Appends(set), headers, rules, replacesMessage)) continue;
            if (Refuse(rules, rejected)) return $"Invalid attempt to modify {Encoding.ASCII.GetString(name)}";
        }

        return null;
    }

    private static bool Set(byte[] name, byte[] value, bool append, HeaderMap headers, MutationRules rules, bool replacesMessage)
    {
        var operation = append && headers.IndexOf(name) >= 0 ? HeaderOperation.Append : HeaderOperation.Set;
        if (!rules.Allows(operation, name, value) && !(replacesMessage && name.AsSpan().SequenceEqual(":method"u8))) return false;
        if (append) headers.Add(name, value);
        else headers.Set(name, value);
        return true;
    }

    /// <summary>Unset it means to overwrite, unlike elsewhere in the API.</summary>
#pragma warning disable CS0612 // Deprecated in the API, and what processors set.
    private static bool Appends(Envoy.Config.Core.V3.HeaderValueOption option) => option.Append ?? false;
#pragma warning restore CS0612

    /// <summary>In lower case; null when it is none.</summary>
    private static byte[]? NameOf(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name.ToLowerInvariant());
        return bytes is [(byte)':', ..] ? FieldText.IsName(bytes.AsSpan(1)) ? bytes : null : FieldText.IsName(bytes) ? bytes : null;
    }

    private static string Reject(Counter rejected, string reason)
    {
        rejected.Inc();
        return reason;
    }

    /// <summary>Counts it; true when it fails the message.</summary>
    private static bool Refuse(MutationRules rules, Counter rejected)
    {
        rejected.Inc();
        return rules.DisallowIsError;
    }
}
