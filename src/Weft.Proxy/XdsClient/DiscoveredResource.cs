using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;

namespace Weft.Proxy.XdsClient;

/// <summary>One resource of a response, read and checked. Main thread.</summary>
internal sealed class DiscoveredResource
{
    private readonly MessageOrigins _origins;
    private readonly IReadOnlyList<Finding> _findings;
    private ConfigContext? _last;
    private bool _isRefused;

    /// <param name="origins">Where its messages came from.</param>
    /// <param name="findings">What reading it has found.</param>
    public DiscoveredResource(string name, string version, IMessage? message, Any body, MessageOrigins origins, IReadOnlyList<Finding> findings)
    {
        (Name, SentAs, Version, Message, Body) = (name, name, version, message, body);
        (_origins, _findings) = (origins, findings);
    }

    public string Name { get; }

    /// <summary>The name under which it was sent, in the canonical form of xdstp; mostly the <see cref="Name"/>.</summary>
    public string SentAs { get; init; }

    public string Version { get; }

    /// <summary>Null when its type is unknown or its bytes are damaged; the findings say so.</summary>
    public IMessage? Message { get; }

    /// <summary>As it came, for <c>/config_dump</c>.</summary>
    public Any Body { get; }

    /// <summary>Other names that it was asked for by.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>How long it may be used without hearing of it again, in milliseconds; null: until it is removed.</summary>
    public long? TtlMs { get; init; }

    /// <summary>It cannot be read, or somebody who was told of it has not taken it over.</summary>
    public bool IsRefused => _isRefused || _findings.Any(static finding => finding.Severity == Severity.Error);

    /// <summary>Only its name came: there is no such resource (VHDS).</summary>
    public bool IsAbsent => Message is null && Body.TypeUrl.Length == 0;

    /// <summary>It is not taken over.</summary>
    public void Refuse() => _isRefused = true;

    /// <summary>For compiling it: the faults of reading stand in it already, so that it is refused for them.</summary>
    public ConfigContext NewContext()
    {
        var context = new ConfigContext(_origins);
        foreach (var finding in _findings)
            context.Findings.Add(finding);
        return _last = context;
    }

    /// <summary>Tells what was found beside faults, in reading it and in compiling it for whoever took it last.</summary>
    public void TellWarnings(Action<string, Finding> tell)
    {
        if (_last is not { Findings.IsEmpty: false } context)
            return;
        foreach (var finding in context.Findings.All)
            tell(Name, finding);
    }

    /// <summary>A fault of one of its fields (null: of the whole), with the position, after those of reading it, as one text.</summary>
    public string Fault(string? field, string text)
    {
        var context = NewContext();
        if (Message is null)
            context.Findings.Add(new Finding(Severity.Error, _origins.PositionOf(Body), "", text));
        else
            context.Error(Message, field, text);
        return string.Join("; ", context.Findings.Errors);
    }

    /// <summary>The message as the type that is wanted; null, with the fault reported, when it is another.</summary>
    public T? As<T>(ConfigContext context)
        where T : class, IMessage
    {
        if (Message is T wanted)
            return wanted;
        if (Message is not null)
            context.Findings.Add(new Finding(Severity.Error, _origins.PositionOf(Body), "", $"Unable to unpack as {typeof(T).Name}: [{Body.TypeUrl}]"));
        return null;
    }
}
