using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.Saving;

/// <summary>
/// The last accepted resources of one management server, in a file for each type (--xds-cache): with them a restarted proxy serves although
/// the server cannot be reached. A file is a DiscoveryResponse in binary form. Main thread.
/// </summary>
internal sealed class SavedResources : IDisposable
{
    private const long SaveDelayMs = 1000;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly Logger Log = Logger.Get("config");

    private readonly string _directory;
    private readonly string _source;
    private readonly LoopTimer _save;
    private readonly Dictionary<ResourceType, SavedType> _types = [];

    /// <param name="directory">Made when it is missing.</param>
    /// <param name="source">What tells the management server from others.</param>
    public SavedResources(string directory, string source, EventLoop loop)
    {
        (_directory, _source) = (directory, source);
        _save = new LoopTimer(loop, Save);
    }

    /// <summary>An update was accepted, wholly or in part: what is in use of it is written soon, together with others.</summary>
    /// <param name="isWhole">Else what was refused of it leaves what is saved of that name.</param>
    public void OnAnswer(ResourceType type, DiscoveryUpdate update, bool isWhole)
    {
        // Of these all or nothing is taken.
        if (!isWhole && (type == ResourceType.ScopedRoutes || type == ResourceType.VirtualHosts || type == ResourceType.LocalityEndpoints))
            return;
        var saved = Of(type);
        // What goes because its ttl has passed comes without a version.
        if (update.Version.Length > 0)
            saved.Version = update.Version;
        if (type.IsComplete && !update.IsDelta)
            Drop(saved, update);
        foreach (var resource in update.Resources)
        {
            if (!resource.IsRefused)
                saved.Resources[resource.SentAs] = new Resource { Name = resource.SentAs, Version = resource.Version, Resource_ = resource.Body, Ttl = resource.TtlMs is { } ms ? TimeSpan.FromMilliseconds(ms).ToDuration() : null };
        }

        foreach (var name in update.Removed)
            saved.Resources.Remove(name);
        saved.IsChanged = true;
        if (!_save.IsArmed)
            _save.Arm(SaveDelayMs);
    }

    /// <summary>What was accepted last, in the form in which a server sends it; null when nothing was.</summary>
    /// <param name="type">Of what.</param>
    /// <param name="name">One resource, or a collection; null: all.</param>
    public DiscoveryResponse? Find(ResourceType type, string? name)
    {
        var saved = Of(type);
        var resources = name is null ? saved.Resources.Values
            : XdsTpName.IsCollection(name) ? saved.Resources.Values.Where(resource => XdsTpName.CollectionOf(resource.Name) == name)
            : saved.Resources.TryGetValue(name, out var one) ? [one]
            : Enumerable.Empty<Resource>();
        var response = new DiscoveryResponse { VersionInfo = saved.Version, TypeUrl = type.TypeUrl };
        response.Resources.AddRange(resources.Select(static resource => Any.Pack(resource)));
        return response.Resources.Count == 0 ? null : response;
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        if (!_save.IsArmed)
            return;
        _save.Cancel();
        Save();
    }

    /// <summary>What an update with everything does not name is gone. A resource that cannot be read has no name, so nothing can be said to be missing then.</summary>
    private static void Drop(SavedType saved, DiscoveryUpdate update)
    {
        var named = update.Resources.Select(static resource => resource.SentAs).ToHashSet(StringComparer.Ordinal);
        if (named.Contains(""))
            return;
        foreach (var name in saved.Resources.Keys.Where(name => !named.Contains(name)).ToArray())
            saved.Resources.Remove(name);
    }

    private SavedType Of(ResourceType type)
    {
        if (!_types.TryGetValue(type, out var saved))
            _types[type] = saved = Read(PathOf(type));
        return saved;
    }

    private string PathOf(ResourceType type)
    {
        var name = string.Concat(_source.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' ? letter : '-'));
        return Path.Combine(_directory, $"{name}.{type.ShortName}.pb");
    }

    private static SavedType Read(string path)
    {
        var saved = new SavedType();
        try
        {
            if (!File.Exists(path))
                return saved;
            var response = DiscoveryResponse.Parser.ParseFrom(File.ReadAllBytes(path));
            saved.Version = response.VersionInfo;
            foreach (var body in response.Resources)
            {
                var resource = body.Unpack<Resource>();
                saved.Resources[resource.Name] = resource;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidProtocolBufferException)
        {
            Log.Warning($"{path} cannot be read and is ignored: {error.Message}");
        }

        return saved;
    }

    private void Save()
    {
        foreach (var (type, saved) in _types)
        {
            if (!saved.IsChanged)
                continue;
            saved.IsChanged = false;
            try
            {
                Write(PathOf(type), Find(type, null) ?? new DiscoveryResponse { VersionInfo = saved.Version, TypeUrl = type.TypeUrl });
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Log.Warning($"what was accepted cannot be saved: {error.Message}");
            }
        }
    }

    /// <summary>By renaming, so that nobody ever reads half of it; secrets are among it, so nobody else reads it at all.</summary>
    private void Write(string path, DiscoveryResponse response)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsLinux())
        {
            Directory.CreateDirectory(_directory, OwnerOnly | UnixFileMode.UserExecute);
            options.UnixCreateMode = OwnerOnly;
        }

        File.Delete(path + ".tmp");
        using (var file = new FileStream(path + ".tmp", options))
            response.WriteTo(file);
        File.Move(path + ".tmp", path, overwrite: true);
    }

    private sealed class SavedType
    {
        public string Version { get; set; } = "";

        public SortedDictionary<string, Resource> Resources { get; } = new(StringComparer.Ordinal);

        public bool IsChanged { get; set; }
    }
}
