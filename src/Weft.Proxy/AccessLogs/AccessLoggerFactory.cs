using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.AccessLoggers.Grpc.V3;
using Envoy.Extensions.AccessLoggers.OpenTelemetry.V3;
using Envoy.Extensions.AccessLoggers.Stream.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.AccessLogs.Grpc;
using Weft.Proxy.AccessLogs.OpenTelemetry;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Runtime;
using AccessLogConfig = Envoy.Config.Accesslog.V3.AccessLog;
using FormatCase = Envoy.Extensions.AccessLoggers.File.V3.FileAccessLog.AccessLogFormatOneofCase;

namespace Weft.Proxy.AccessLogs;

/// <summary>Makes access loggers from their messages. Main thread.</summary>
internal sealed class AccessLoggerFactory(ConfigContext context, AccessLogFiles files, RuntimeLayers? runtime)
{
    private readonly AccessLogFilterFactory _filters = new(context, runtime);

    /// <summary>For loggers that send; null: there are files only.</summary>
    public FactoryContext? Services { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public AccessLogger? Create(AccessLogConfig config)
    {
        var filter = config.Filter is null ? null : _filters.Create(config.Filter);
        switch (context.Unpack(config.TypedConfig))
        {
            case FileAccessLog file:
                return Open(file, "path", file.Path, filter, FormatOf(file));
            case StdoutAccessLog stdout:
                return Open(stdout, null, "/dev/stdout", filter, FormatOf(stdout.LogFormat));
            case StderrAccessLog stderr:
                return Open(stderr, null, "/dev/stderr", filter, FormatOf(stderr.LogFormat));
            case HttpGrpcAccessLogConfig http when Services is not null:
                return GrpcAccessLogConfig.Create(http, filter, Services);
            case TcpGrpcAccessLogConfig tcp when Services is not null:
                return GrpcAccessLogConfig.Create(tcp, filter, Services);
            case OpenTelemetryAccessLogConfig openTelemetry when Services is not null:
                return OtelAccessLogConfig.Create(openTelemetry, filter, Services);
            case null when config.TypedConfig is null:
                context.Error(config, "typed_config", $"access logger '{config.Name}' needs a typed_config");
                return null;
            case null:
                return null;
            case var other:
                context.Error(config, "typed_config", $"access logger {other.Descriptor.FullName} is not implemented; there are {FileAccessLog.Descriptor.FullName}, {StdoutAccessLog.Descriptor.FullName} and {StderrAccessLog.Descriptor.FullName}");
                return null;
        }
    }

    private FileAccessLogger? Open(IMessage at, string? field, string path, AccessLogFilter? filter, SubstitutionFormat format)
    {
        if (path.Length == 0)
        {
            context.Error(at, field, "the path of an access log must not be empty");
            return null;
        }

        try
        {
            return new FileAccessLogger(filter, format, files.Open(path));
        }
        catch (IOException fault)
        {
            context.Error(at, field, fault.Message);
            return null;
        }
    }

    // The deprecated fields are still in use.
#pragma warning disable CS0612
    private SubstitutionFormat FormatOf(FileAccessLog file)
    {
        switch (file.AccessLogFormatCase)
        {
            case FormatCase.LogFormat:
                return SubstitutionFormat.Parse(file.LogFormat, context);
            case FormatCase.Format when file.Format.Length > 0:
                return SubstitutionFormat.Parse(file.Format, context, file, "format");
            case FormatCase.JsonFormat:
                return SubstitutionFormat.ParseJson(file.JsonFormat, context, file, "json_format");
            case FormatCase.TypedJsonFormat:
                return SubstitutionFormat.ParseJson(file.TypedJsonFormat, context, file, "typed_json_format");
            default:
                return SubstitutionFormat.Parse(SubstitutionFormat.DefaultText, context, file, "format");
        }
    }
#pragma warning restore CS0612

    private SubstitutionFormat FormatOf(Envoy.Config.Core.V3.SubstitutionFormatString? format) => format is null
        ? SubstitutionFormat.Parse(SubstitutionFormat.DefaultText, context, new FileAccessLog(), "format")
        : SubstitutionFormat.Parse(format, context);
}
