using Google.Protobuf.Collections;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.AccessLogs;

/// <summary>One configured access log: filter, format, sink. Immutable; <see cref="Log"/> may be called on any worker.</summary>
public abstract class AccessLogger
{
    /// <summary>Logs one finished request or connection, if the filter lets it pass. Never blocks and never throws: a line that cannot be kept is dropped and counted.</summary>
    public abstract void Log(in FormatContext context);

    /// <summary>Compiles a list of access logs (listener, connection manager, TcpProxy, router, admin); faults are reported in the context.</summary>
    public static AccessLogger[] Create(RepeatedField<Envoy.Config.Accesslog.V3.AccessLog> configs, FactoryContext context)
    {
        var factory = new AccessLoggerFactory(context.Config, context.AccessLogFiles, context.Runtime) { Services = context };
        return [.. configs.Select(factory.Create).OfType<AccessLogger>()];
    }

    /// <summary>Compiles a list of access logs that go to files only; faults are reported in the context.</summary>
    /// <param name="configs">The logs.</param>
    /// <param name="context">Takes faults.</param>
    /// <param name="files">Opens files.</param>
    /// <param name="runtime">For filters with runtime keys; null: their defaults hold.</param>
    public static AccessLogger[] Create(RepeatedField<Envoy.Config.Accesslog.V3.AccessLog> configs, ConfigContext context, AccessLogFiles files, RuntimeLayers? runtime = null)
    {
        var factory = new AccessLoggerFactory(context, files, runtime);
        return [.. configs.Select(factory.Create).OfType<AccessLogger>()];
    }
}
