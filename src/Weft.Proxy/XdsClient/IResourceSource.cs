using Weft.Base.Stats;

namespace Weft.Proxy.XdsClient;

/// <summary>Where resources come from: a file, a management server. Main thread.</summary>
internal interface IResourceSource
{
    /// <summary>What comes is sent, not fetched: update_attempt counts that somebody begins to wait for it, and each thing that happens then.</summary>
    bool IsPushed => false;

    /// <summary>Lists what the source counts itself with the statistics of a subscription, when that is where a reader looks for it.</summary>
    void ListStats(StatsScope subscription)
    {
    }

    /// <summary>A subscription begins: it is told what is known already, and of every change.</summary>
    void Add(Subscription subscription);

    void Remove(Subscription subscription);

    /// <summary>Asks for one more resource in the name of a subscription, where the protocol can (incremental); what comes is delivered as ever.</summary>
    void Ask(Subscription subscription, string name)
    {
    }

    /// <summary>Takes an <see cref="Ask"/> back.</summary>
    void Unask(Subscription subscription, string name)
    {
    }
}
