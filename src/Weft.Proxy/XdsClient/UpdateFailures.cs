using Envoy.Admin.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;

namespace Weft.Proxy.XdsClient;

/// <summary>The last refused update of each resource, for <c>error_state</c> of <c>/config_dump</c>. Main thread.</summary>
internal sealed class UpdateFailures
{
    private readonly Dictionary<string, UpdateFailureState> _byName = new(StringComparer.Ordinal);

    public UpdateFailureState? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Names with a refused update.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>Remembers the faults of a resource, or forgets earlier ones. Returns the faults as one text; null when there are none.</summary>
    public string? Record(DiscoveredResource resource, ConfigContext context)
    {
        if (!context.Findings.HasErrors)
        {
            _byName.Remove(resource.Name);
            return null;
        }

        resource.Refuse();
        var details = string.Join("; ", context.Findings.Errors);
        _byName[resource.Name] = new UpdateFailureState
        {
            FailedConfiguration = resource.Body,
            LastUpdateAttempt = DateTimeOffset.UtcNow.ToTimestamp(),
            Details = details,
            VersionInfo = resource.Version,
        };
        return $"{resource.Name}: {details}";
    }

    public void Forget(string name) => _byName.Remove(name);

    /// <summary>Forgets those that an update with everything does not name. A resource that cannot be read has no name, so nothing can be said to be missing then.</summary>
    public void ForgetMissing(DiscoveryUpdate update)
    {
        if (update.IsDelta || _byName.Count == 0 || update.Resources.Any(static resource => resource.Name.Length == 0))
            return;
        foreach (var name in _byName.Keys.Where(name => update.Find(name) is null).ToArray())
            Forget(name);
    }
}
