namespace Weft.Config.Support;

/// <summary>Whether Weft does something with a field or an extension.</summary>
internal enum SupportStatus
{
    /// <summary>It changes what happens to traffic, and Weft does not do it: refused.</summary>
    Refused,

    /// <summary>It has no effect in Weft, and nobody will miss it: noted once.</summary>
    Harmless,

    /// <summary>It works.</summary>
    Implemented,
}

/// <summary>An extension of Envoy.</summary>
/// <param name="Category">Where it can be used, such as <c>envoy.filters.http</c>.</param>
/// <param name="Name">Its name, such as <c>envoy.filters.http.router</c>.</param>
/// <param name="Types">The full names of its configuration types; the first is the one meant where only the name is given.</param>
/// <param name="OldNames">Names it had before, which are still accepted.</param>
/// <param name="Status">Whether Weft has it.</param>
/// <param name="Replacement">Of an extension that Envoy itself has given up: what to use; null otherwise.</param>
internal sealed record Extension(string Category, string Name, string[] Types, string[] OldNames, SupportStatus Status, string? Replacement = null)
{
    /// <summary>Why it is refused.</summary>
    internal string Refusal => Replacement is null ? $"the extension {Name} is not implemented yet" : $"the extension {Name} has been removed from Envoy; use {Replacement}";

    /// <summary>The type that is meant where only the name is given; null for transport sockets whose two sides have types of their own.</summary>
    internal string? DefaultType => Types.Length == 0 || (Types.Length > 1 && Category.StartsWith("envoy.transport_sockets", StringComparison.Ordinal)) ? null : Types[0];
}
