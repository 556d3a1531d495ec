using System.Globalization;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.Bootstrap.HotRestart;

/// <summary>This process among those of its base id: whom it takes over from, and that it can be taken over from. Without hot restart nothing of it. Main thread.</summary>
internal sealed class Succession : IDisposable
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly ServerOptions _options;
    private readonly HotRestartParent? _parent;
    private HotRestartListener? _successors;
    private LoopTimer? _parentEnd;
    private bool _isParentGone;

    private Succession(ServerOptions options, HotRestartParent? parent) => (_options, _parent) = (options, parent);

    /// <summary>Finds whom to take over from.</summary>
    /// <param name="options">Get the base id and the epoch that result.</param>
    /// <param name="findings">Get an error when there must be somebody and is not, or somebody refuses.</param>
    public static Succession Find(ref ServerOptions options, Findings findings)
    {
        if (options is not { HotRestart: true, Mode: ServerMode.Serve })
            return new Succession(options, null);
        if (options.UseDynamicBaseId)
            options = options with { BaseId = (uint)Random.Shared.Next(1, int.MaxValue) };
        var parent = HotRestartParent.Find(options, out var fault);
        if (parent is not null)
            options = options with { RestartEpoch = parent.Epoch + 1 };
        else if (fault is not null)
            Report($"the process with base id {options.BaseId} cannot be taken over from: {fault}");
        else if (options is { RestartEpoch: > 0, SkipHotRestartOnNoParent: false })
            Report($"no process runs with base id {options.BaseId}, so there is no epoch {options.RestartEpoch - 1} to take over from (see --skip-hot-restart-on-no-parent)");
        return new Succession(options, parent);

        void Report(string text) => findings.Add(new Finding(Severity.Error, null, "", $"hot restart: {text}"));
    }

    /// <summary>When the first of all predecessors began; null without one.</summary>
    public DateTimeOffset? FirstStartedAt => _parent?.FirstStartedAt;

    /// <summary>The predecessor's listening sockets; null without one.</summary>
    public InheritedSockets? TakeSockets() => _parent?.TakeSockets();

    /// <summary>Connections are accepted here: the predecessor may go, and this process waits for its own successor.</summary>
    /// <param name="loop">The main thread's.</param>
    /// <param name="owner">This process.</param>
    /// <param name="stats">Get what the predecessor still counts.</param>
    /// <param name="parentConnections">Gets how many connections it has.</param>
    public void TakeOver(EventLoop loop, IHotRestartOwner owner, StatsStore stats, Gauge parentConnections)
    {
        if (!_options.HotRestart)
            return;
        if (_parent is not null)
        {
            Log.Info($"taking over from epoch {_parent.Epoch}");
            _parent.Drain();
            Hear(_parent, loop, new InheritedStats(stats), parentConnections);
            _parentEnd = new LoopTimer(loop, EndParent);
            _parentEnd.Arm(_options.ParentShutdownTimeSeconds * 1000L);
        }

        _successors = HotRestartListener.TryStart(_options, owner);
    }

    public void Dispose()
    {
        _successors?.Dispose();
        _parent?.Dispose();
    }

    private void Hear(HotRestartParent parent, EventLoop loop, InheritedStats inherited, Gauge connections) =>
        parent.Listen(
            message => loop.Post(() =>
            {
                if (message.Verb == HotRestartChannel.Stats && !_options.SkipHotRestartParentStats)
                    inherited.Add(message.Text);
                else if (message.Verb == HotRestartChannel.Connections && long.TryParse(message.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                    connections.Set(count);
            }),
            () => loop.Post(() =>
            {
                _isParentGone = true;
                connections.Set(0);
                inherited.End();
                Log.Info($"the process of epoch {parent.Epoch} has ended");
            }));

    private void EndParent()
    {
        if (_isParentGone)
            return;
        Log.Info("shutting down parent after drain");
        _parent!.Terminate();
    }
}
