namespace Weft.Xds.Server;

/// <summary>How a client stands to one resource that it asks for.</summary>
public enum ClientResourceState
{
    /// <summary>There is none that could have been sent.</summary>
    NotSent,

    /// <summary>It was sent, and there is no answer yet.</summary>
    Stale,

    /// <summary>It was sent, and accepted.</summary>
    Synced,

    /// <summary>It was sent in a response that was refused.</summary>
    Error,
}

/// <summary>One resource, and what a client has said to it. Immutable.</summary>
/// <param name="Type">Of what kind.</param>
/// <param name="Name">By which it is asked for.</param>
/// <param name="Resource">Null: there is none.</param>
/// <param name="State">How the client stands to it.</param>
/// <param name="Refusal">Why it was refused; "" when it was not.</param>
public sealed record ClientResource(ResourceType Type, string Name, ServedResource? Resource, ClientResourceState State, string Refusal = "");
