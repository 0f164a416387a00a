/// The words of the review grammar. Adjectives, nouns and verbs of opinion have a polarity; all others are neutral.
enum ReviewLexicon {
  /// What a review is about.
  enum Domain: CaseIterable, Sendable {
    case film
    case product
  }

  static func adjectives(_ positive: Bool, _ domain: Domain) -> [String] {
    switch (positive, domain) {
    case (true, .film): praise + filmPraise
    case (true, .product): praise + productPraise
    case (false, .film): blame + filmBlame
    case (false, .product): blame + productBlame
    }
  }

  static func aspects(_ domain: Domain) -> [String] { domain == .film ? filmAspects : productAspects }
  static func items(_ domain: Domain) -> [String] { domain == .film ? films : products }
  static func rivals(_ domain: Domain) -> [String] { domain == .film ? filmRivals : productRivals }
  static func verdicts(_ positive: Bool) -> [String] { positive ? goodNouns : badNouns }
  static func likings(_ positive: Bool) -> [String] { positive ? likes : dislikes }

  private static func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }
  private static func phrases(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == "\n" }.map { phrase in
      String(phrase.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
  }

  private static let praise = words(
    """
    excellent wonderful superb delightful brilliant great terrific splendid lovely impressive fantastic outstanding
    charming pleasant good perfect magnificent satisfying amazing fabulous
    """)
  private static let filmPraise = words(
    """
    gripping moving witty clever funny touching thrilling original inventive hilarious
    """)
  private static let productPraise = words(
    """
    sturdy reliable comfortable handy robust durable practical efficient sleek versatile
    """)
  private static let blame = words(
    """
    terrible awful dreadful horrible poor bad mediocre disappointing appalling lousy miserable atrocious abysmal
    shoddy pathetic unpleasant weak hopeless annoying useless
    """)
  private static let filmBlame = words(
    """
    dull tedious predictable clumsy boring shallow confusing lifeless bland silly
    """)
  private static let productBlame = words(
    """
    flimsy noisy unreliable leaky fragile awkward bulky faulty brittle wobbly
    """)
  private static let goodNouns = words(
    """
    triumph delight gem joy treat masterpiece pleasure marvel success blessing
    """)
  private static let badNouns = words(
    """
    disaster mess bore failure letdown nuisance disgrace chore mistake nightmare
    """)
  private static let likes = words(
    """
    love like enjoy admire adore appreciate
    """)
  private static let dislikes = words(
    """
    hate dislike regret loathe resent detest
    """)

  private static let filmAspects = phrases(
    """
    plot, acting, ending, script, dialogue, soundtrack, camera work, pacing, cast, story, opening, finale, humour,
    editing, music, scenery, lighting, costume design, premise, narration, villain, hero, romance, second half,
    first act, chase scene, final twist, direction, voice work, animation, tone, message, mystery, satire, sound design,
    leading actress, supporting cast, choreography, atmosphere, title song, structure, mood, screenplay, wedding scene,
    dubbing, subplot, prologue, epilogue, love story, courtroom scene
    """)
  private static let productAspects = phrases(
    """
    battery, screen, handle, lid, keyboard, strap, motor, charger, zip, lens, filter, cable, speaker, microphone,
    fabric, lining, hinge, switch, display, manual, software, packaging, grip, nozzle, blade, cushion, mattress,
    frame, stand, sensor, remote, dial, valve, pump, finish, stitching, sole, pocket, clasp, bracket, fan, heater,
    timer, touchpad, camera, casing, trigger, support line, warranty, delivery
    """)
  private static let films = phrases(
    """
    film, movie, thriller, comedy, drama, sequel, western, musical, documentary, cartoon, biopic, remake, series,
    prequel, melodrama, fantasy, epic, short, farce, fable, whodunit, period piece, road movie, ghost story, heist film,
    war film, space opera, family film, debut, blockbuster, sitcom, miniseries
    """)
  private static let products = phrases(
    """
    phone, kettle, backpack, blender, laptop, tent, toaster, vacuum, jacket, lamp, drill, camera, tablet, printer,
    router, watch, headset, bicycle, stroller, suitcase, grill, mixer, scale, heater, chair, desk, sofa, pillow, razor,
    guitar, telescope, thermos, umbrella, wallet, helmet, scooter, juicer, freezer, mower, ladder, keyboard, mouse,
    monitor, flashlight, thermometer, pan, knife, rucksack, raincoat, hammock
    """)
  private static let filmRivals = phrases(
    """
    book, original, first part, novel, stage version, trailer, television version, silent version, previous one,
    director's last film, television pilot, comic, radio play, poster
    """)
  private static let productRivals = phrases(
    """
    old model, previous one, cheaper model, one I had before, rival brand, bigger model, one from the supermarket,
    borrowed one, older version, floor model, one at work, copy, prototype, spare one
    """)

  static let intensifiers = words(
    """
    very really truly quite rather extremely remarkably utterly thoroughly genuinely surprisingly simply completely
    absolutely deeply totally wholly incredibly unusually consistently decidedly
    """)
  /// Those that stand well after a negation.
  static let mildIntensifiers = words("very really particularly especially remotely exactly terribly overly")

  static let relations = words(
    """
    brother sister cousin uncle aunt mother father neighbour colleague boss teacher roommate grandmother grandfather
    nephew niece husband wife landlord dentist coach tutor flatmate stepson godmother barber trainer accountant
    """)
  static let crowds = phrases(
    """
    critics, reviewers, bloggers, friends, colleagues, neighbours, experts, fans, students, journalists, columnists,
    collectors, teenagers, historians, shopkeepers, professors, tourists, parents, purists, insiders, podcasters,
    commuters, pensioners, engineers, musicians
    """)
  static let professions = words(
    """
    nurse carpenter lawyer farmer painter librarian plumber pilot baker chemist gardener translator sailor waiter
    surgeon florist mechanic archivist drummer tailor architect firefighter biologist butcher cyclist postman
    juggler geologist electrician weaver optician notary beekeeper jeweller miner ranger bricklayer typist vet
    magician referee sculptor astronomer poet fisherman cobbler welder midwife organist diplomat
    """)
  static let places = words(
    """
    Leeds Dublin Lisbon Oslo Boston Denver Cairo Lima Perth Kyoto Vienna Prague Turin Ghent Malmo Cork Quebec Austin
    Seattle Madrid Athens Zagreb Riga Tallinn Porto Seville Bergen Geneva Naples Krakow Brno Odense Nantes Lyon
    Bremen Leipzig Dresden Bologna Verona Granada Izmir Tunis Nairobi Accra Durban Havana Bogota Santiago Manila
    Hanoi Osaka Busan Taipei Delhi Mumbai Madras Lahore Samoa Fiji Galway Sofia Belfast Cardiff Swansea Bristol
    Exeter York Durham Aberdeen Dundee Inverness Limerick Bruges Antwerp Utrecht Delft Aarhus Uppsala Turku Tampere
    Gdansk Poznan Szeged Graz Linz Basel Lugano Trieste Parma Siena Palermo Malaga Bilbao Toledo Braga Faro Corfu
    Ankara Amman Muscat Dakar Lusaka Harare Quito Cusco Calgary Halifax Tucson Omaha Memphis
    """)
  static let names = words(
    """
    Anna Boris Clara Dmitri Elena Felix Greta Hugo Irene Jonas Karin Leon Marta Nils Olga Pavel Quentin Rosa Stefan
    Tilda Ursula Viktor Wanda Xavier Yvonne Zoltan Agnes Bruno Carmen Diego Edith Fatima Gustav Helga Ivan Judith
    Kenji Lucia Miguel Nadia Oscar Petra Rafael Silvia Tomas Ulrich Vera Walter Yusuf Zelda Amina Bjorn Chiara Dario
    Esther Finn Gloria Henrik Ingrid Jasper Karim Linnea Matteo Noor Oskar Priya Quirin Ravi Sanna Theo Uma Vasco
    Wim Ximena Yara Zeno Aiko Benno Cyril Dora Emil Flora Goran Hanna Igor Jana Kasper Livia Marek Nora
    """)
  static let brands = words(
    """
    Norvik Calto Brenna Dexion Fyra Gelmar Hestia Ivaro Jolt Kestrel Lumo Mavera Nexa Orbis Pellan Quanta Rivo Solum
    Tarn Ultima Vantis Wexley Xenon Yarrow Zephyr Albion Borealis Corvo Delphi Elmswood Fenwick Grove Halden Istra
    Juniper Kelso
    """)
  static let days = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
  static let months = words(
    "January February March April June July August September October November December")
  static let numbers = words(
    """
    two three four five six seven eight nine ten eleven twelve fifteen eighteen twenty thirty forty fifty sixty ninety
    """)
  static let units = words("hours days weeks months years evenings weekends journeys attempts seasons")
  static let colours = words(
    """
    red blue green yellow black white grey brown purple orange pink silver golden beige turquoise crimson ivory navy
    maroon teal
    """)
  static let containers = words("box crate bag tube carton pouch case tin sleeve envelope basket trunk")
  static let settings = phrases(
    """
    kitchen, garage, garden, office, attic, cellar, hallway, bathroom, bedroom, workshop, balcony, library, studio,
    greenhouse, classroom, laundry room, camper van, harbour, museum, hospital, bakery, monastery, lighthouse, airport,
    circus, castle, village, desert, forest, submarine, prison, hotel, theatre, railway station, bookshop, vineyard,
    mountain hut, fishing boat, suburb, embassy
    """)
  static let subjects = phrases(
    """
    a chess player, two sisters, a retired spy, a lost dog, a bank robbery, a beekeeper, a shipwreck, a small orchestra,
    a missing painting, an election, a lighthouse keeper, a royal wedding, an old piano, a football team, a long winter,
    a stolen recipe, a night train, twin brothers, a forgotten poet, an inventor, a snowstorm, a school play, a ferry,
    a jazz band, a flooded valley, an actress, a stubborn mule, a watchmaker, a radio host, a border town,
    a clumsy burglar, an expedition, a boxer, a travelling cinema, a court case, an empty house, a comet, a cook,
    a strike, a letter from the war
    """)
  static let purposes = phrases(
    """
    camping trips, long flights, school mornings, baking bread, night shifts, band practice, moving house, video calls,
    city traffic, rainy walks, small flats, big families, weekend guests, hiking tours, piano lessons, market days,
    picnics, dog walks, office work, home repairs, woodwork, birdwatching, skiing, sailing, gardening, knitting,
    marathon training, stargazing, road trips, poker nights
    """)
}
