using Envoy.Config.Overload.V3;
using Envoy.Extensions.ResourceMonitors.DownstreamConnections.V3;
using Envoy.Extensions.ResourceMonitors.FixedHeap.V3;
using Envoy.Extensions.ResourceMonitors.InjectedResource.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Overload.ResourceMonitors;
using Message = Envoy.Config.Overload.V3.OverloadManager;
using TimerType = Envoy.Config.Overload.V3.ScaleTimersOverloadActionConfig.Types.TimerType;

namespace Weft.Proxy.Overload;

/// <summary>Makes an <see cref="OverloadManager"/> of Bootstrap.overload_manager; faults are reported in the context, in Envoy's words. Main thread.</summary>
internal sealed class OverloadManagerCompiler(FactoryContext context)
{
    public const string ReduceTimeouts = "envoy.overload_actions.reduce_timeouts";

    private readonly OverloadState _state = context.Overload;
    private readonly StatsScope _scope = context.Stats.Scope("overload.");
    private readonly HashSet<string> _resources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public OverloadManager Compile(Message config)
    {
        var manager = new OverloadManager(_state, config.RefreshInterval.ToMs(1_000), _scope, context.MainLoop);
        foreach (var monitor in config.ResourceMonitors)
            AddMonitor(monitor, manager);
        foreach (var action in config.Actions)
            AddAction(action, manager);
        foreach (var point in config.LoadshedPoints)
            AddPoint(point, manager);
        return manager;
    }

    private void AddMonitor(Envoy.Config.Overload.V3.ResourceMonitor config, OverloadManager manager)
    {
        var typed = context.Config.Unpack(config.TypedConfig);
        if (!_resources.Add(config.Name))
        {
            context.Config.Error(config, "name", $"Duplicate resource monitor {config.Name}");
            return;
        }

        var scope = _scope.Scope($"{config.Name}.");
        switch (typed)
        {
            case FixedHeapConfig heap:
                manager.Resources.Add(new MonitoredResource(config.Name, new FixedHeapMonitor(Math.Max(1, heap.MaxHeapSizeBytes)), scope));
                break;
            case InjectedResourceConfig injected:
                manager.Resources.Add(new MonitoredResource(config.Name, new InjectedResourceMonitor(injected.Filename), scope));
                break;
            case DownstreamConnectionsConfig connections:
                scope.Counter("failed_updates");
                _state.MaxConnections = connections.MaxActiveDownstreamConnections;
                break;
            default:
                context.Config.Error(config, "typed_config", $"Didn't find a registered implementation for '{config.Name}' with type URL: '{typed?.Descriptor.FullName}'");
                break;
        }
    }

    private void AddAction(OverloadAction config, OverloadManager manager)
    {
        if (_state.LevelOf(config.Name) is not { } level)
        {
            context.Config.Error(config, "name", $"Unknown Overload Manager Action {config.Name}");
            return;
        }

        if (!_names.Add(config.Name))
            context.Config.Error(config, "name", $"Duplicate overload action {config.Name}");
        if (config.Name == ReduceTimeouts)
            ReadTimeouts(config);
        else if (config.TypedConfig is not null)
            context.Config.Error(config, "typed_config", $"Overload action \"{config.Name}\" has an unexpected value for the typed_config field");
        var active = _scope.Gauge($"{config.Name}.active");
        var scale = _scope.Gauge($"{config.Name}.scale_percent");
        var triggers = new OverloadTriggers(level, value =>
        {
            active.Set(value >= 1 ? 1 : 0);
            scale.Set((long)(value * 100));
        });
        AddTriggers(triggers, config.Triggers, config, "overload action", config.Name);
        manager.Triggers.Add(triggers);
    }

    private void AddPoint(Envoy.Config.Overload.V3.LoadShedPoint config, OverloadManager manager)
    {
        if (_state.PointOf(config.Name) is not { } point)
        {
            context.Config.Error(config, "name", $"load shed point {config.Name} is not implemented");
            return;
        }

        if (!_names.Add(config.Name))
            context.Config.Error(config, "name", $"Duplicate loadshed point {config.Name}");
        point.Shed = _scope.Counter($"{config.Name}.shed_load_count");
        var scale = _scope.Gauge($"{config.Name}.scale_percent");
        var triggers = new OverloadTriggers(point.Level, value => scale.Set((long)(value * 100)));
        AddTriggers(triggers, config.Triggers, config, "loadshed point", config.Name);
        manager.Triggers.Add(triggers);
    }

    private void AddTriggers(OverloadTriggers triggers, RepeatedField<Trigger> configs, IMessage at, string kind, string name)
    {
        foreach (var config in configs)
        {
            if (!_resources.Contains(config.Name))
                context.Config.Error(at, "triggers", $"Unknown trigger resource {config.Name} for {kind} {name}");
            else if (config.TriggerOneofCase == Trigger.TriggerOneofOneofCase.None)
                context.Config.Error(config, null, $"action not set for trigger {config.Name}");
            else if (config.Scaled is { } scaled && scaled.ScalingThreshold >= scaled.SaturationThreshold)
                context.Config.Error(scaled, "scaling_threshold", "scaling_threshold must be less than saturation_threshold");
            else if (!triggers.TryAdd(config))
                context.Config.Error(at, "triggers", $"Duplicate trigger resource for {kind} {name}");
        }
    }

    private void ReadTimeouts(OverloadAction action)
    {
        if (context.Config.Unpack<ScaleTimersOverloadActionConfig>(action.TypedConfig) is not { } config)
        {
            context.Config.Error(action, "typed_config", $"Overload action \"{action.Name}\" needs timer_scale_factors");
            return;
        }

        foreach (var timer in config.TimerScaleFactors)
        {
            var timeout = timer.Timer switch
            {
                TimerType.HttpDownstreamConnectionIdle => _state.ConnectionIdle,
                TimerType.HttpDownstreamStreamIdle => _state.StreamIdle,
                TimerType.TransportSocketConnect => _state.TransportSocketConnect,
                _ => null, // Refused by the rules of the message.
            };
            if (timeout is null)
                continue;
            if (timeout.IsConfigured)
                context.Config.Error(timer, "timer", $"Found duplicate entry for timer type {timer.Timer}");
            timeout.IsConfigured = true;
            timeout.MinMs = timer.MinTimeout is null ? null : timer.MinTimeout.ToMs(0);
            timeout.MinScale = (timer.MinScale?.Value ?? 0) / 100;
        }
    }
}
