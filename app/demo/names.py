"""Who is at the demo university. All invented; in a name the last word is the family name, `_` stands for a space."""

from __future__ import annotations

from typing import NamedTuple

DOMAIN = "northbridge.example"


class Colleague(NamedTuple):
    """Somebody who works at the university."""

    username: str
    name: str
    school: str
    is_staff: bool = False


ADMINISTRATOR = "hbergstrom"
COLLEAGUES = (
    Colleague("hbergstrom", "Helena Bergström", "Registrar", True),
    Colleague("icarvalho", "Inês Carvalho", "Engineering"),
    Colleague("tmansour", "Tariq Mansour", "Engineering"),
    Colleague("radeyemi", "Ruth Adeyemi", "Sciences"),
    Colleague("kmorita", "Kenji Morita", "Continuing Education"),
    Colleague("cwhitfield", "Clara Whitfield", "Arts and Letters"),
    Colleague("jkeller", "Jonas Keller", "Engineering"),
    Colleague("praman", "Priya Raman", "Engineering"),
    Colleague("lsato", "Laura Sato", "Sciences"),
    Colleague("dokello", "Daniel Okello", "Continuing Education"),
    Colleague("slindqvist", "Sofia Lindqvist", "Engineering"),
    Colleague("oprice", "Owen Price", "Engineering"),
    Colleague("nhaddad", "Nadia Haddad", "Arts and Letters"),
)

STAR = "mokonkwo"
"""Who is in nearly everything."""
REPEATER = "mchow"
"""Who failed last spring and tries again."""
_LEARNERS = """
    Aisha_Noor Rahman, Mateo Villanueva, Hanna Nowak, Elijah Brooks, Mei_Ling Chow, Luca Ferretti, Samira Haidari,
    Oskar Lund, Chidi Eze, Yuna Kim, Abigail Foster, Rafael Monteiro, Ingrid Solberg, Jamal Whitaker, Anika Desai,
    Tomasz Zieliński, Camila Restrepo, Noah Goldstein, Thandiwe Dlamini, Bao Trần, Freya Thorsen, Omar Farouk,
    Grace Mbeki, Viktor Petrov, Isabel Quintana, Ravi Chandran, Emily Hartley, Kwame Asante, Sakura Inoue,
    Diego Fuentes, Leila Moradi, Patrick O'Connell, Zoë Vandenberg, Arjun Mehta, Maya Okonkwo, Lukas Steiner,
    Fatima Zahra_Alaoui, Benjamin Carter, Hye-jin Park, Sebastián Rojas, Nora Jansen, Tunde Bakare, Alina Popescu,
    Marcus Reed, Xin_Yi Zhou, Clara Dubois, Hamza Siddiqui, Olivia Bennett, Emre Yıldız, Priscilla Owusu,
    Jakub Dvořák, Lucía del_Río, Aaron Silverman, Nguyễn_Minh Anh, Astrid Nygård, Kofi Boateng, Hiroshi Tanabe,
    Valentina Greco, Yusuf Abdi, Charlotte Evans, Pavel Novotný, Ananya Iyer, Gabriel Santos, Soraya Tehrani,
    Liam Gallagher, Wanjiru Kamau, Marta Kowalczyk, Ethan Caldwell, Dina Khalil, Søren Madsen, Paloma Herrera,
    Joon-ho Lee, Rebecca Stein, Amadou Diallo, Katya Ivanova, Nathan Pierce, Shreya Kulkarni, Mohammed Al-Amin,
    Elena Marchetti, Tyrone Jefferson, Linh Phạm, Ulrich Brandt, Adaeze Nwosu, Beatriz Almeida, Farid Nazari,
    Georgia Pappas, Haruto Yamada, Imani Walker, Jasper de_Vries, Kamila Sadykova, Leo Martinelli, Miriam Katz,
    Niko Virtanen, Olga Sokolova, Pedro Cabral, Quinn Harper, Rosa Delgado, Simon Achterberg, Talia Ben-David,
    Uma Krishnan, Victor Lindgren, Wei Zhang, Ximena Vargas, Yaw Mensah, Zainab Yusuf, Adrian Kovač, Bianca Rossi,
    Connor Murphy, Daria Melnyk, Eduardo Pacheco, Fiona MacLeod, Goran Jovanović, Hala Mansouri, Ismael Touré,
    Julia Bauer, Karim Benali, Lerato Mokoena, Matthias Vogel, Nadine Lefèvre, Oluwaseun Adebayo, Petra Horvat,
    Rania Saleh, Stefan Ionescu, Teresa Núñez, Umar Qureshi, Veronika Králová, William Ashford, Yara Shalabi,
    Zachary Dunn, Apinya Suwan, Baraka Mwangi, Cecilia Ström, Dmitri Orlov, Eun-ji Choi, Felix Wagner
"""
LEARNERS = tuple(name.strip() for name in _LEARNERS.split(","))
NAMELESS = frozenset({"asuwan", "zdunn", "dorlov"})
MAILLESS = frozenset({"zdunn", "bmwangi", "echoi", "cstrom"})
CLOSED = frozenset({"fwagner"})

SCHOOLS = {
    "Engineering": ("Computer Science", "Electrical Engineering", "Mechanical Engineering", "Industrial Design"),
    "Sciences": ("Mathematics", "Biology", "Physics", "Chemistry"),
    "Arts and Letters": ("Philosophy", "Linguistics", "History", "Media Studies"),
    "Business": ("Economics", "Accounting", "Information Management"),
}
YEARS = ("1", "2", "3", "4", "graduate")
