using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Listeners;

/// <summary>What a name stands for: the listener in use, and the one that will replace it once its routes and secrets are known. Main thread.</summary>
internal sealed class ManagedListener
{
    /// <summary>Null as long as the first one is warming.</summary>
    public ListenerWithLifetime? Active { get; set; }

    public ListenerWithLifetime? Warming { get; set; }

    /// <summary>The newer of the two.</summary>
    public ListenerWithLifetime Newest => Warming ?? Active!;
}

/// <summary>A listener, what it waits for before it may be used, and what ends with it.</summary>
internal sealed record ListenerWithLifetime(Listener Listener, InitManager Init, Lifetime Lifetime)
{
    /// <summary>Whose sockets it will go on with; null when it has its own, or has them already.</summary>
    public ListenerWithLifetime? Predecessor { get; set; }

    /// <summary>Whose filter chains it goes on with, as far as they stay as they are; null when more than filter chains changes, and once that is done.</summary>
    public ListenerWithLifetime? Updated { get; set; }

    /// <summary>How many filter chains drain, when it drains because of them alone; null: the whole listener does.</summary>
    public int? DrainingChains { get; set; }

    /// <summary>Removed from the configuration while it still accepts for a successor that is warming.</summary>
    public bool IsLeaving { get; set; }
}
